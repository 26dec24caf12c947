// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Each row of four is one window.
// CHECK: plain: 1 2 4 5 2 3 5 6 4 5 7 8 5 6 8 9
func.func @plain(%x: tensor<1x3x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>})
    -> tensor<1x2x2x2x2x1xf32> {
  %0 = weir.patches %x {kernel = array<i64: 2, 2>} : (tensor<1x3x3x1xf32>) -> tensor<1x2x2x2x2x1xf32>
  return %0 : tensor<1x2x2x2x2x1xf32>
}

// Channels stay together; zeros stand around the image.
// CHECK-NEXT: channels: 0 0 1 2 1 2 3 4 3 4 0 0
func.func @channels(%x: tensor<1x1x2x2xf32> {weir.value = dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>})
    -> tensor<1x1x3x1x2x2xf32> {
  %0 = weir.patches %x {padding = array<i64: 0, 1>, kernel = array<i64: 1, 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x3x1x2x2xf32>
  return %0 : tensor<1x1x3x1x2x2xf32>
}

// CHECK-NEXT: stride_dilation: 1 2 9 10 3 4 11 12
func.func @stride_dilation(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>})
    -> tensor<1x1x2x2x2x1xf32> {
  %0 = weir.patches %x {dilation = array<i64: 2, 1>, stride = array<i64: 2>, kernel = array<i64: 2, 2>} : (tensor<1x3x4x1xf32>) -> tensor<1x1x2x2x2x1xf32>
  return %0 : tensor<1x1x2x2x2x1xf32>
}

// -----

func.func @fits(%x: tensor<1x1x2x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'patches' expects a kernel that fits into the padded image of 1x2, but got 2x2}}
  %0 = weir.patches %x {kernel = array<i64: 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x2x2x2xf32>
  return
}
