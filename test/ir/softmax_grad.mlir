// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// y * (dy - s): s = 0.5 * 1 + 0.25 * 2 + 0.25 * 3 = 1.75 in the first row, 6 in the second.
// CHECK: softmax_grad: -0.375 0.0625 0.3125 -0 -0 0
func.func @softmax_grad(%x: tensor<2x3xf32> {weir.value = dense<[[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]]> : tensor<2x3xf32>}, %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.softmax_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.softmax_grad %x, %dy : tensor<2x3xf32>
  return
}
