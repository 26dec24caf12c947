// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// A hundredth below zero.
// CHECK: leaky_relu: -0.02 -0.005 0 0.5 6 7
func.func @leaky_relu(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 6.0, 7.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.leaky_relu %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// The slope given.
// CHECK-NEXT: slope: -0.5 -0.125 0 0.5 6 7
func.func @slope(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 6.0, 7.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.leaky_relu %x {slope = 0.25} : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// The result has the operand's type.
func.func @other_shape(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.leaky_relu %x : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
