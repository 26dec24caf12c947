// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// (2 x + 3) / 6 between -3 and 3; there itself 0 and 1.
// CHECK: hard_swish_grad: 0 0 0.5 2 5 6
func.func @hard_swish_grad(%x: tensor<2x3xf32> {weir.value = dense<[[-4.0, -3.0, -1.0], [0.0, 1.5, 3.0]]> : tensor<2x3xf32>},
                           %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.hard_swish_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.hard_swish_grad %x, %dy : tensor<2x3xf32>
  return
}
