// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// (1 + 2 + 5 + 6) / 4; the last row fits into no window.
// CHECK: plain: 3.5 5.5
func.func @plain(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>})
    -> tensor<1x1x2x1xf32> {
  %0 = weir.avg_pool2d %x {kernel = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> tensor<1x1x2x1xf32>
  return %0 : tensor<1x1x2x1xf32>
}

// The last row's windows have two values each and are divided by two.
// CHECK-NEXT: ceil_mode: 3.5 5.5 9.5 11.5
func.func @ceil_mode(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>})
    -> tensor<1x2x2x1xf32> {
  %0 = weir.avg_pool2d %x {ceil_mode = true, kernel = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> tensor<1x2x2x1xf32>
  return %0 : tensor<1x2x2x1xf32>
}

// Zeros of the padding count: 1 / 4 in the corner.
// CHECK-NEXT: padding: 0.25 1.25 1 3.5 8.5 5
func.func @padding(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>})
    -> tensor<1x2x3x1xf32> {
  %0 = weir.avg_pool2d %x {kernel = array<i64: 2>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> tensor<1x2x3x1xf32>
  return %0 : tensor<1x2x3x1xf32>
}

// The same, but divided by the number of values.
// CHECK-NEXT: values_only: 1 2.5 4 7 8.5 10
func.func @values_only(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>})
    -> tensor<1x2x3x1xf32> {
  %0 = weir.avg_pool2d %x {count_include_pad = false, kernel = array<i64: 2>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> tensor<1x2x3x1xf32>
  return %0 : tensor<1x2x3x1xf32>
}

// What ceil_mode adds beyond the padding counts in neither.
// CHECK-NEXT: ceil_padding: 1.55556 3.33333 2 3.33333 6 3.33333
func.func @ceil_padding(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>})
    -> tensor<1x2x3x1xf32> {
  %0 = weir.avg_pool2d %x {ceil_mode = true, kernel = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> tensor<1x2x3x1xf32>
  return %0 : tensor<1x2x3x1xf32>
}

// -----

// C1
func.func @rank(%x: tensor<1x12xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'avg_pool2d' expects images of height x width x channels, but got 12}}
  %0 = weir.avg_pool2d %x {kernel = array<i64: 2>} : (tensor<1x12xf32>) -> tensor<1x1x2x1xf32>
  return
}

// -----

// C2
func.func @kernel(%x: tensor<1x3x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'avg_pool2d' expects a kernel of one or two sizes from 1 to 16384, but got [0]}}
  %0 = weir.avg_pool2d %x {kernel = array<i64: 0>} : (tensor<1x3x4x1xf32>) -> tensor<1x1x2x1xf32>
  return
}

// -----

// C2
func.func @stride(%x: tensor<1x3x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'avg_pool2d' expects a stride of one or two sizes from 1 to 16384, but got [1, 2, 3]}}
  %0 = weir.avg_pool2d %x {kernel = array<i64: 2>, stride = array<i64: 1, 2, 3>} : (tensor<1x3x4x1xf32>) -> tensor<1x1x2x1xf32>
  return
}

// -----

// C3: ceil_mode does not change it
func.func @fits(%x: tensor<1x3x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'avg_pool2d' expects a kernel that fits into the padded image of 3x4, but got 4x4}}
  %0 = weir.avg_pool2d %x {ceil_mode = true, kernel = array<i64: 4>} : (tensor<1x3x4x1xf32>) -> tensor<1x1x2x1xf32>
  return
}

// -----

// C4: the first window would hold no value
func.func @padding_size(%x: tensor<1x3x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'avg_pool2d' expects a padding smaller than the kernel, but got padding = 2, kernel = 2}}
  %0 = weir.avg_pool2d %x {kernel = array<i64: 2>, padding = array<i64: 0, 0, 2, 0>} : (tensor<1x3x4x1xf32>) -> tensor<1x1x2x1xf32>
  return
}
