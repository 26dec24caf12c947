// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Each channel with its own kernel: 1 3 5 7 times 1 3 5 7, and 2 4 6 8 times 2 4 6 8.
// CHECK: plain: 84 120
func.func @plain(%x: tensor<1x2x2x2xf32> {weir.value = dense<[[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]> : tensor<1x2x2x2xf32>},
                 %w: tensor<2x2x2xf32> {weir.value = dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>})
    -> tensor<1x1x1x2xf32> {
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 2>, use_bias = false} : (tensor<1x2x2x2xf32>, tensor<2x2x2xf32>) -> tensor<1x1x1x2xf32>
  return %0 : tensor<1x1x1x2xf32>
}

// Channel c makes channels 2 c and 2 c + 1: 1 * 1 + 10, 1 * 2 + 20, 2 * 3 + 30, 2 * 4 + 40 in the first pixel.
// CHECK-NEXT: multiplier: 11 22 36 48 13 26 42 56 15 30 48 64 17 34 54 72
func.func @multiplier(%x: tensor<1x2x2x2xf32> {weir.value = dense<[[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]> : tensor<1x2x2x2xf32>},
                      %w: tensor<1x1x4xf32> {weir.value = dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>},
                      %b: tensor<4xf32> {weir.value = dense<[10.0, 20.0, 30.0, 40.0]> : tensor<4xf32>})
    -> tensor<1x2x2x4xf32> {
  %0 = weir.depthwise_conv2d %x, %w, %b {kernel = array<i64: 1>, multiplier = 2 : i64} : (tensor<1x2x2x2xf32>, tensor<1x1x4xf32>, tensor<4xf32>) -> tensor<1x2x2x4xf32>
  return %0 : tensor<1x2x2x4xf32>
}

// CHECK-NEXT: stride_padding: -26 0 -32 16 42 -26 23 -50
func.func @stride_padding(%x: tensor<1x3x4x2xf32> {weir.value = dense<[[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]], [[9.0, 10.0], [11.0, 12.0], [13.0, 14.0], [15.0, 16.0]], [[17.0, 18.0], [19.0, 20.0], [21.0, 22.0], [23.0, 24.0]]]]> : tensor<1x3x4x2xf32>},
                          %w: tensor<3x3x2xf32> {weir.value = dense<[[[1.0, -2.0], [0.0, 2.0], [-1.0, 1.0]], [[-2.0, 0.0], [2.0, -1.0], [1.0, -2.0]], [[0.0, 2.0], [-1.0, 1.0], [-2.0, 0.0]]]> : tensor<3x3x2xf32>})
    -> tensor<1x2x2x2xf32> {
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>, use_bias = false} : (tensor<1x3x4x2xf32>, tensor<3x3x2xf32>) -> tensor<1x2x2x2xf32>
  return %0 : tensor<1x2x2x2xf32>
}

// The four corners.
// CHECK-NEXT: dilation: 64
func.func @dilation(%x: tensor<1x3x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>},
                    %w: tensor<2x2x1xf32> {weir.value = dense<[[[1.0], [2.0]], [[3.0], [4.0]]]> : tensor<2x2x1xf32>})
    -> tensor<1x1x1x1xf32> {
  %0 = weir.depthwise_conv2d %x, %w {dilation = array<i64: 2>, kernel = array<i64: 2>, use_bias = false} : (tensor<1x3x3x1xf32>, tensor<2x2x1xf32>) -> tensor<1x1x1x1xf32>
  return %0 : tensor<1x1x1x1xf32>
}

// The odd pixel goes to the bottom and right.
// CHECK-NEXT: same: 37 47 21 67 77 33 23 26 9
func.func @same(%x: tensor<1x3x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>},
                %w: tensor<2x2x1xf32> {weir.value = dense<[[[1.0], [2.0]], [[3.0], [4.0]]]> : tensor<2x2x1xf32>})
    -> tensor<1x3x3x1xf32> {
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 2>, padding = array<i64: -1>, use_bias = false} : (tensor<1x3x3x1xf32>, tensor<2x2x1xf32>) -> tensor<1x3x3x1xf32>
  return %0 : tensor<1x3x3x1xf32>
}

// -----

// C1
func.func @rank(%x: tensor<4x3x3xf32>, %w: tensor<3x3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'depthwise_conv2d' expects images of height x width x channels, but got 3x3}}
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 3>} : (tensor<4x3x3xf32>, tensor<3x3x4xf32>) -> tensor<2x1x1x4xf32>
  return
}

// -----

// C2
func.func @stride(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'depthwise_conv2d' expects a stride of one or two sizes from 1 to 16384, but got [0]}}
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 3>, stride = array<i64: 0>} : (tensor<2x3x3x4xf32>, tensor<3x3x4xf32>) -> tensor<2x1x1x4xf32>
  return
}

// -----

// C3
func.func @fits(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'depthwise_conv2d' expects a kernel that fits into the padded image of 3x3, but got 4x4}}
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 4>} : (tensor<2x3x3x4xf32>, tensor<3x3x4xf32>) -> tensor<2x1x1x4xf32>
  return
}

// -----

// C4
func.func @multiplier_size(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'depthwise_conv2d' expects a positive multiplier, but got 0}}
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 3>, multiplier = 0 : i64} : (tensor<2x3x3x4xf32>, tensor<3x3x4xf32>) -> tensor<2x1x1x4xf32>
  return
}

// -----

// C5
func.func @weight(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'depthwise_conv2d' expects a weight of 3x3x8, but got 3x3x4}}
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 3>, multiplier = 2 : i64} : (tensor<2x3x3x4xf32>, tensor<3x3x4xf32>) -> tensor<2x1x1x4xf32>
  return
}

// -----

// C5
func.func @bias(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4xf32>, %b: tensor<1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'depthwise_conv2d' expects a bias of 4, but got 1}}
  %0 = weir.depthwise_conv2d %x, %w, %b {kernel = array<i64: 3>} : (tensor<2x3x3x4xf32>, tensor<3x3x4xf32>, tensor<1xf32>) -> tensor<2x1x1x4xf32>
  return
}
