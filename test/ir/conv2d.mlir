// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// 1 + 2 * 2 + 3 * 4 + 4 * 5 = 37 in the first window, no flip; then 1 2 4 5 of the next, and so on.
// CHECK: plain: 37 47 67 77
func.func @plain(%x: tensor<1x3x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>},
                 %w: tensor<2x2x1x1xf32> {weir.value = dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>})
    -> tensor<1x2x2x1xf32> {
  %0 = weir.conv2d %x, %w {filters = 1 : i64, kernel = array<i64: 2>, use_bias = false} : (tensor<1x3x3x1xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x1xf32>
  return %0 : tensor<1x2x2x1xf32>
}

// Two pixels of two channels, three filters: [1 2] and [3 4] times the matrix, plus the bias.
// CHECK-NEXT: channels: 15 16 32 21 10 34
func.func @channels(%x: tensor<1x1x2x2xf32> {weir.value = dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>},
                    %w: tensor<1x1x2x3xf32> {weir.value = dense<[[[[1.0, -2.0, 0.0], [2.0, -1.0, 1.0]]]]> : tensor<1x1x2x3xf32>},
                    %b: tensor<3xf32> {weir.value = dense<[10.0, 20.0, 30.0]> : tensor<3xf32>})
    -> tensor<1x1x2x3xf32> {
  %0 = weir.conv2d %x, %w, %b {filters = 3 : i64, kernel = array<i64: 1>} : (tensor<1x1x2x2xf32>, tensor<1x1x2x3xf32>, tensor<3xf32>) -> tensor<1x1x2x3xf32>
  return %0 : tensor<1x1x2x3xf32>
}

// One ring of zeros, every second window in both directions.
// CHECK-NEXT: stride_padding: 111 217 133 211
func.func @stride_padding(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>},
                          %w: tensor<3x3x1x1xf32> {weir.value = dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]], [[[7.0]], [[8.0]], [[9.0]]]]> : tensor<3x3x1x1xf32>})
    -> tensor<1x2x2x1xf32> {
  %0 = weir.conv2d %x, %w {filters = 1 : i64, kernel = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>, use_bias = false} : (tensor<1x3x4x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x2x2x1xf32>
  return %0 : tensor<1x2x2x1xf32>
}

// [top, bottom, left, right] and strides of their own.
// CHECK-NEXT: uneven: 114 348 69 190
func.func @uneven(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>},
                  %w: tensor<3x3x1x1xf32> {weir.value = dense<[[[[1.0]], [[2.0]], [[3.0]]], [[[4.0]], [[5.0]], [[6.0]]], [[[7.0]], [[8.0]], [[9.0]]]]> : tensor<3x3x1x1xf32>})
    -> tensor<1x2x2x1xf32> {
  %0 = weir.conv2d %x, %w {filters = 1 : i64, kernel = array<i64: 3>, padding = array<i64: 0, 1, 2, 0>, stride = array<i64: 1, 2>, use_bias = false} : (tensor<1x3x4x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x2x2x1xf32>
  return %0 : tensor<1x2x2x1xf32>
}

// "same" with stride 2: ceil(3 / 2) x ceil(4 / 2) windows, the odd row of zeros stands below.
// CHECK-NEXT: same: 44 64 29 35
func.func @same(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>},
                %w: tensor<2x2x1x1xf32> {weir.value = dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>})
    -> tensor<1x2x2x1xf32> {
  %0 = weir.conv2d %x, %w {filters = 1 : i64, kernel = array<i64: 2>, padding = array<i64: -1>, stride = array<i64: 2>, use_bias = false} : (tensor<1x3x4x1xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x1xf32>
  return %0 : tensor<1x2x2x1xf32>
}

// Every second pixel: 1 + 2 * 3 + 3 * 9 + 4 * 11 = 78.
// CHECK-NEXT: dilation: 78 88
func.func @dilation(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>},
                    %w: tensor<2x2x1x1xf32> {weir.value = dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>})
    -> tensor<1x1x2x1xf32> {
  %0 = weir.conv2d %x, %w {filters = 1 : i64, kernel = array<i64: 2>, dilation = array<i64: 2>, use_bias = false} : (tensor<1x3x4x1xf32>, tensor<2x2x1x1xf32>) -> tensor<1x1x2x1xf32>
  return %0 : tensor<1x1x2x1xf32>
}

// Channels 1 2 go to the first two filters, 3 4 to the others: 1 * 1 + 2 * 5 = 11, 1 * 2 + 2 * 6 = 14, 3 * 3 + 4 * 7 = 37, 3 * 4 + 4 * 8 = 44.
// CHECK-NEXT: groups: 11 14 37 44
func.func @groups(%x: tensor<1x1x1x4xf32> {weir.value = dense<[[[[1.0, 2.0, 3.0, 4.0]]]]> : tensor<1x1x1x4xf32>},
                  %w: tensor<1x1x2x4xf32> {weir.value = dense<[[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]]]> : tensor<1x1x2x4xf32>})
    -> tensor<1x1x1x4xf32> {
  %0 = weir.conv2d %x, %w {filters = 4 : i64, kernel = array<i64: 1>, groups = 2 : i64, use_bias = false} : (tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>) -> tensor<1x1x1x4xf32>
  return %0 : tensor<1x1x1x4xf32>
}

// -----

// C1
func.func @rank(%x: tensor<2x36xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects images of height x width x channels, but got 36}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>} : (tensor<2x36xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C2
func.func @kernel(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a kernel of one or two sizes from 1 to 16384, but got [3, 3, 3]}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3, 3, 3>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C2
func.func @no_kernel(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a kernel of one or two sizes from 1 to 16384, but got []}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C2
func.func @stride(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a stride of one or two sizes from 1 to 16384, but got [1, 0]}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>, stride = array<i64: 1, 0>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C2: no overflow
func.func @dilation_size(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a dilation of one or two sizes from 1 to 16384, but got [9223372036854775807]}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>, dilation = array<i64: 9223372036854775807>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C2
func.func @padding(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects "same", "valid" or a padding of one, two or four sizes from 0 to 16384, but got [1, 1, 1]}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>, padding = array<i64: 1, 1, 1>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C2
func.func @negative_padding(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects "same", "valid" or a padding of one, two or four sizes from 0 to 16384, but got [0, -1]}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>, padding = array<i64: 0, -1>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C3
func.func @fits(%x: tensor<2x3x3x4xf32>, %w: tensor<5x5x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a kernel that fits into the padded image of 3x3, but got 5x5}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 5>} : (tensor<2x3x3x4xf32>, tensor<5x5x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C3
func.func @fits_dilated(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a kernel that fits into the padded image of 3x4, but got 3x5 (3x3, dilation 1x2)}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>, dilation = array<i64: 1, 2>, padding = array<i64: 0, 0, 1, 0>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C4
func.func @filters(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a positive number of filters, but got 0}}
  %0 = weir.conv2d %x, %w {filters = 0 : i64, kernel = array<i64: 3>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C4
func.func @no_groups(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a positive number of groups, but got 0}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>, groups = 0 : i64} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C4
func.func @groups_channels(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects channels divisible by groups, but got channels = 4, groups = 3}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>, groups = 3 : i64} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C4
func.func @groups_filters(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects filters divisible by groups, but got filters = 9, groups = 2}}
  %0 = weir.conv2d %x, %w {filters = 9 : i64, kernel = array<i64: 3>, groups = 2 : i64} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C5: with groups each filter sees only its own channels
func.func @weight(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a weight of 3x3x2x8, but got 3x3x4x8}}
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 3>, groups = 2 : i64} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  return
}

// -----

// C5
func.func @bias(%x: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x8xf32>, %b: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a bias of 8, but got 4}}
  %0 = weir.conv2d %x, %w, %b {filters = 8 : i64, kernel = array<i64: 3>} : (tensor<2x3x3x4xf32>, tensor<3x3x4x8xf32>, tensor<4xf32>) -> tensor<2x1x1x8xf32>
  return
}
