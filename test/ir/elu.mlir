// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// exp(-2) - 1 = -0.864665, exp(-0.5) - 1 = -0.393469.
// CHECK: elu: -0.864665 -0.393469 0 0.5 1 3
func.func @elu(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.elu %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Times alpha below zero.
// CHECK-NEXT: alpha: -0.432332 -0.196735 0 0.5 1 3
func.func @alpha(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.elu %x {alpha = 0.5} : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// The result has the operand's type.
func.func @other_shape(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.elu %x : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
