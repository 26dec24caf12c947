// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dy * (1 - y^2), from the output y: 1 * 0.75, 2 * 1, 3 * 0.9375, 4 * 0.75, 5 * 0.4375, 6 * 0.
// CHECK: tanh_grad: 0.75 2 2.8125 3 2.1875 0
func.func @tanh_grad(%x: tensor<2x3xf32> {weir.value = dense<[[-0.5, 0.0, 0.25], [0.5, 0.75, 1.0]]> : tensor<2x3xf32>}, %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.tanh_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.tanh_grad %x, %dy : tensor<2x3xf32>
  return
}
