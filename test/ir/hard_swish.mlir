// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// 0 up to -3, x from 3 on, a parabola between: -1 * 2 / 6, 1 * 4 / 6.
// CHECK: hard_swish: -0 -0 -0.333333 0 0.666667 4
func.func @hard_swish(%x: tensor<2x3xf32> {weir.value = dense<[[-4.0, -3.0, -1.0], [0.0, 1.0, 4.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.hard_swish %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// The result has the operand's type.
func.func @other_shape(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.hard_swish %x : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
