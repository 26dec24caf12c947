// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Over the pixels, over the channels (kept as one), over everything but the batch.
// CHECK: reduce_mean: 5.5 6.5 7.5
// CHECK-NEXT: reduce_mean: 2 5 8 11
// CHECK-NEXT: reduce_mean: 6.5
func.func @reduce_mean(%x: tensor<1x2x2x3xf32> {weir.value = dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]]]]> : tensor<1x2x2x3xf32>})
    -> (tensor<1x3xf32>, tensor<1x2x2x1xf32>, tensor<1xf32>) {
  %0 = weir.reduce_mean %x {axes = array<i64: 0, 1>} : (tensor<1x2x2x3xf32>) -> tensor<1x3xf32>
  %1 = weir.reduce_mean %x {axes = array<i64: -1>, keep_dims = true} : (tensor<1x2x2x3xf32>) -> tensor<1x2x2x1xf32>
  %2 = weir.reduce_mean %x {axes = array<i64: 2, 0, 1>} : (tensor<1x2x2x3xf32>) -> tensor<1xf32>
  return %0, %1, %2 : tensor<1x3xf32>, tensor<1x2x2x1xf32>, tensor<1xf32>
}

// -----

// C1
func.func @none(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'reduce_mean' expects different axes of 2x3, but got []}}
  %0 = weir.reduce_mean %x {axes = array<i64>} : (tensor<1x2x3xf32>) -> tensor<1x3xf32>
  return
}

// -----

// C1
func.func @twice(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'reduce_mean' expects different axes of 2x3, but got [0, -2]}}
  %0 = weir.reduce_mean %x {axes = array<i64: 0, -2>} : (tensor<1x2x3xf32>) -> tensor<1x3xf32>
  return
}

// -----

// C1
func.func @beyond(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'reduce_mean' expects different axes of 2x3, but got [2]}}
  %0 = weir.reduce_mean %x {axes = array<i64: 2>} : (tensor<1x2x3xf32>) -> tensor<1x3xf32>
  return
}
