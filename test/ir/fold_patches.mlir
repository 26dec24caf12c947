// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: plain: 1 7 6 12 34 22 11 27 16
func.func @plain(%dy: tensor<1x2x2x2x2x1xf32> {weir.value = dense<[[[[[[1.0], [2.0]], [[3.0], [4.0]]], [[[5.0], [6.0]], [[7.0], [8.0]]]], [[[[9.0], [10.0]], [[11.0], [12.0]]], [[[13.0], [14.0]], [[15.0], [16.0]]]]]]> : tensor<1x2x2x2x2x1xf32>})
    -> tensor<1x3x3x1xf32> {
  %0 = weir.fold_patches %dy : tensor<1x2x2x2x2x1xf32> -> tensor<1x3x3x1xf32>
  return %0 : tensor<1x3x3x1xf32>
}

// CHECK-NEXT: channels: 8 10 16 18
func.func @channels(%dy: tensor<1x1x3x1x2x2xf32> {weir.value = dense<[[[[[[1.0, 2.0], [3.0, 4.0]]], [[[5.0, 6.0], [7.0, 8.0]]], [[[9.0, 10.0], [11.0, 12.0]]]]]]> : tensor<1x1x3x1x2x2xf32>})
    -> tensor<1x1x2x2xf32> {
  %0 = weir.fold_patches %dy {padding = array<i64: 0, 1>} : tensor<1x1x3x1x2x2xf32> -> tensor<1x1x2x2xf32>
  return %0 : tensor<1x1x2x2xf32>
}

// CHECK-NEXT: stride_dilation: 1 2 5 6 0 0 0 0 3 4 7 8
func.func @stride_dilation(%dy: tensor<1x1x2x2x2x1xf32> {weir.value = dense<[[[[[[1.0], [2.0]], [[3.0], [4.0]]], [[[5.0], [6.0]], [[7.0], [8.0]]]]]]> : tensor<1x1x2x2x2x1xf32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.fold_patches %dy {dilation = array<i64: 2, 1>, stride = array<i64: 2>} : tensor<1x1x2x2x2x1xf32> -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// -----

func.func @rank(%dy: tensor<1x2x2x4xf32>) {
  // expected-error@+1 {{'fold_patches' expects dy of rank 6, but got 1x2x2x4}}
  %0 = weir.fold_patches %dy : tensor<1x2x2x4xf32> -> tensor<1x3x3x1xf32>
  return
}

// -----

func.func @shape(%dy: tensor<1x2x2x2x2x1xf32>) {
  // expected-error@+1 {{'fold_patches' expects dy of 1x3x3x2x2x1, but got 1x2x2x2x2x1}}
  %0 = weir.fold_patches %dy : tensor<1x2x2x2x2x1xf32> -> tensor<1x4x4x1xf32>
  return
}
