// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Taps from the last to the first; in each, channels (2) and filters (3) change places.
// CHECK: flipped: 7 10 8 11 9 12 1 4 2 5 3 6
func.func @flipped(%w: tensor<2x1x2x3xf32> {weir.value = dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], [[[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]]]]> : tensor<2x1x2x3xf32>})
    -> tensor<2x1x3x2xf32> {
  %0 = weir.flip_weight %w : (tensor<2x1x2x3xf32>) -> tensor<2x1x3x2xf32>
  return %0 : tensor<2x1x3x2xf32>
}

// CHECK-NEXT: rows_and_columns: 4 3 2 1
func.func @rows_and_columns(%w: tensor<2x2x1x1xf32> {weir.value = dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>})
    -> tensor<2x2x1x1xf32> {
  %0 = weir.flip_weight %w : (tensor<2x2x1x1xf32>) -> tensor<2x2x1x1xf32>
  return %0 : tensor<2x2x1x1xf32>
}

// -----

func.func @rank(%w: tensor<3x3x8xf32>) {
  // expected-error@+2 {{'flip_weight' expects a weight of rank 4, but got 3x3x8}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = weir.flip_weight %w : (tensor<3x3x8xf32>) -> tensor<3x3x8xf32>
  return
}
