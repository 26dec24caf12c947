// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// (1 + 3 + 5 + 7) / 4 and (2 + 4 + 6 + 8) / 4; 8 more in the second image.
// CHECK: mean: 4 5 12 13
func.func @mean(%x: tensor<2x2x2x2xf32> {weir.value = dense<[[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]], [[[9.0, 10.0], [11.0, 12.0]], [[13.0, 14.0], [15.0, 16.0]]]]> : tensor<2x2x2x2xf32>})
    -> tensor<2x2xf32> {
  %0 = weir.global_avg_pool2d %x : (tensor<2x2x2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----

// C1
func.func @rank(%x: tensor<2x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'global_avg_pool2d' expects images of height x width x channels, but got 8}}
  %0 = weir.global_avg_pool2d %x : (tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}
