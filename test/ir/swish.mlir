// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// x / (1 + exp(-x)): half of x near zero, x far above it.
// CHECK: swish: -4.12231e-08 -0.268941 0 0.31123 0.731059 20
func.func @swish(%x: tensor<2x3xf32> {weir.value = dense<[[-20.0, -1.0, 0.0], [0.5, 1.0, 20.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.swish %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// The result has the operand's type.
func.func @other_shape(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.swish %x : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
