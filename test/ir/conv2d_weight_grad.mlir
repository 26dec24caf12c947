// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: plain: 7 8 10 11
func.func @plain(%x: tensor<1x3x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>},
                 %dy: tensor<1x2x2x1xf32> {weir.value = dense<[[[[1.0], [-2.0]], [[0.0], [2.0]]]]> : tensor<1x2x2x1xf32>})
    -> tensor<2x2x1x1xf32> {
  %0 = weir.conv2d_weight_grad %x, %dy : (tensor<1x3x3x1xf32>, tensor<1x2x2x1xf32>) -> tensor<2x2x1x1xf32>
  return %0 : tensor<2x2x1x1xf32>
}

// CHECK-NEXT: stride_padding: 0 0 0 0 0 0 -3 5 -4 8 1 4 -7 17 -8 20 5 4
func.func @stride_padding(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>},
                          %dy: tensor<1x1x3x2xf32> {weir.value = dense<[[[[1.0, -2.0], [0.0, 2.0], [-1.0, 1.0]]]]> : tensor<1x1x3x2xf32>})
    -> tensor<3x3x1x2xf32> {
  %0 = weir.conv2d_weight_grad %x, %dy {padding = array<i64: 1, 0, 2, 1>, stride = array<i64: 2>} : (tensor<1x3x4x1xf32>, tensor<1x1x3x2xf32>) -> tensor<3x3x1x2xf32>
  return %0 : tensor<3x3x1x2xf32>
}

// CHECK-NEXT: same: 17 18 -9 -10
func.func @same(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>},
                %dy: tensor<1x2x2x1xf32> {weir.value = dense<[[[[1.0], [-2.0]], [[0.0], [2.0]]]]> : tensor<1x2x2x1xf32>})
    -> tensor<2x2x1x1xf32> {
  %0 = weir.conv2d_weight_grad %x, %dy {padding = array<i64: -1>, stride = array<i64: 2>} : (tensor<1x3x4x1xf32>, tensor<1x2x2x1xf32>) -> tensor<2x2x1x1xf32>
  return %0 : tensor<2x2x1x1xf32>
}

// CHECK-NEXT: dilation_groups: 1 -6 2 -8 9 -22 10 -24 25 -54 26 -56 33 -70 34 -72
func.func @dilation_groups(%x: tensor<1x3x3x4xf32> {weir.value = dense<[[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]], [[13.0, 14.0, 15.0, 16.0], [17.0, 18.0, 19.0, 20.0], [21.0, 22.0, 23.0, 24.0]], [[25.0, 26.0, 27.0, 28.0], [29.0, 30.0, 31.0, 32.0], [33.0, 34.0, 35.0, 36.0]]]]> : tensor<1x3x3x4xf32>},
                           %dy: tensor<1x1x1x2xf32> {weir.value = dense<[[[[1.0, -2.0]]]]> : tensor<1x1x1x2xf32>})
    -> tensor<2x2x2x2xf32> {
  %0 = weir.conv2d_weight_grad %x, %dy {dilation = array<i64: 2>, groups = 2 : i64} : (tensor<1x3x3x4xf32>, tensor<1x1x1x2xf32>) -> tensor<2x2x2x2xf32>
  return %0 : tensor<2x2x2x2xf32>
}

// -----

func.func @result(%x: tensor<2x5x5x4xf32>, %dy: tensor<2x3x3x8xf32>) {
  // expected-error@+1 {{'conv2d_weight_grad' expects a weight for 4 channels in groups = 1, but got 3x3x2x8}}
  %0 = weir.conv2d_weight_grad %x, %dy : (tensor<2x5x5x4xf32>, tensor<2x3x3x8xf32>) -> tensor<3x3x2x8xf32>
  return
}

// -----

func.func @dy(%x: tensor<2x5x5x4xf32>, %dy: tensor<1x3x3x8xf32>) {
  // expected-error@+1 {{'conv2d_weight_grad' expects a dy of 2x3x3x8, but got 1x3x3x8}}
  %0 = weir.conv2d_weight_grad %x, %dy : (tensor<2x5x5x4xf32>, tensor<1x3x3x8xf32>) -> tensor<3x3x4x8xf32>
  return
}
