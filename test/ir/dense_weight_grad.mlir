// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// The transposed x times dy: the first row is 1 * [1 2] + -1 * [0 -1], the second 2 * [1 2], the third
// 3 * [1 2] + 0.5 * [0 -1].
// CHECK: weight: 1 3 2 4 3 5.5
func.func @weight(%x: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]]> : tensor<2x3xf32>}, %dy: tensor<2x2xf32> {weir.value = dense<[[1.0, 2.0], [0.0, -1.0]]> : tensor<2x2xf32>}) -> tensor<3x2xf32> {
  %0 = weir.dense_weight_grad %x, %dy : (tensor<2x3xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

func.func @batch(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense_weight_grad' expects [batch, features] and [batch, units]}}
  %0 = weir.dense_weight_grad %x, %dy : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return
}
