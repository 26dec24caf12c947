// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dy * y * (1 - y), from the output y: 7/64, 0, 3 * 3/16, 4 / 4, 5 * 3/16, 0.
// CHECK: sigmoid_grad: 0.109375 0 0.5625 1 0.9375 0
func.func @sigmoid_grad(%x: tensor<2x3xf32> {weir.value = dense<[[0.125, 0.0, 0.25], [0.5, 0.75, 1.0]]> : tensor<2x3xf32>}, %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.sigmoid_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.sigmoid_grad %x, %dy : tensor<2x3xf32>
  return
}
