// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Without a stride, the kernel. The first of the two fives, and of the two fours, is the largest.
// CHECK: plain: 5 4
// CHECK-NEXT: plain: 1 1
func.func @plain(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [5.0], [2.0], [4.0]], [[3.0], [5.0], [0.0], [4.0]], [[-1.0], [-2.0], [-3.0], [-4.0]]]]> : tensor<1x3x4x1xf32>})
    -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>) {
  %0:2 = weir.max_pool2d %x {kernel = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>)
  return %0#0, %0#1 : tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>
}

// The last row has a window of its own, half outside.
// CHECK-NEXT: ceil_mode: 5 4 -1 -3
// CHECK-NEXT: ceil_mode: 1 1 0 0
func.func @ceil_mode(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [5.0], [2.0], [4.0]], [[3.0], [5.0], [0.0], [4.0]], [[-1.0], [-2.0], [-3.0], [-4.0]]]]> : tensor<1x3x4x1xf32>})
    -> (tensor<1x2x2x1xf32>, tensor<1x2x2x1xi32>) {
  %0:2 = weir.max_pool2d %x {ceil_mode = true, kernel = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> (tensor<1x2x2x1xf32>, tensor<1x2x2x1xi32>)
  return %0#0, %0#1 : tensor<1x2x2x1xf32>, tensor<1x2x2x1xi32>
}

// What is outside does not count as a 0: all values are below.
// CHECK-NEXT: padding: -9 -5 -6 -7 -5 -6
// CHECK-NEXT: padding: 3 2 2 1 0 0
func.func @padding(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[-9.0], [-5.0], [-8.0], [-6.0]], [[-7.0], [-5.0], [-10.0], [-6.0]], [[-11.0], [-12.0], [-13.0], [-14.0]]]]> : tensor<1x3x4x1xf32>})
    -> (tensor<1x2x3x1xf32>, tensor<1x2x3x1xi32>) {
  %0:2 = weir.max_pool2d %x {kernel = array<i64: 2>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> (tensor<1x2x3x1xf32>, tensor<1x2x3x1xi32>)
  return %0#0, %0#1 : tensor<1x2x3x1xf32>, tensor<1x2x3x1xi32>
}

// CHECK-NEXT: same: 5 4 5 4
// CHECK-NEXT: same: 4 4 1 1
func.func @same(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [5.0], [2.0], [4.0]], [[3.0], [5.0], [0.0], [4.0]], [[-1.0], [-2.0], [-3.0], [-4.0]]]]> : tensor<1x3x4x1xf32>})
    -> (tensor<1x2x2x1xf32>, tensor<1x2x2x1xi32>) {
  %0:2 = weir.max_pool2d %x {kernel = array<i64: 3>, padding = array<i64: -1>, stride = array<i64: 2>} : (tensor<1x3x4x1xf32>) -> (tensor<1x2x2x1xf32>, tensor<1x2x2x1xi32>)
  return %0#0, %0#1 : tensor<1x2x2x1xf32>, tensor<1x2x2x1xi32>
}

// Windows of 2, stride 3, begin at -1, 2 and 5; the last, beyond the image, is left out.
// CHECK-NEXT: ceil_padding: 1 4
// CHECK-NEXT: ceil_padding: 1 1
func.func @ceil_padding(%x: tensor<1x4x1x1xf32> {weir.value = dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]> : tensor<1x4x1x1xf32>})
    -> (tensor<1x2x1x1xf32>, tensor<1x2x1x1xi32>) {
  %0:2 = weir.max_pool2d %x {ceil_mode = true, kernel = array<i64: 2, 1>, padding = array<i64: 1, 0>, stride = array<i64: 3, 1>} : (tensor<1x4x1x1xf32>) -> (tensor<1x2x1x1xf32>, tensor<1x2x1x1xi32>)
  return %0#0, %0#1 : tensor<1x2x1x1xf32>, tensor<1x2x1x1xi32>
}

// Each channel has an index of its own.
// CHECK-NEXT: channels: 4 40
// CHECK-NEXT: channels: 3 0
func.func @channels(%x: tensor<1x2x2x2xf32> {weir.value = dense<[[[[1.0, 40.0], [2.0, 30.0]], [[3.0, 20.0], [4.0, 10.0]]]]> : tensor<1x2x2x2xf32>})
    -> (tensor<1x1x1x2xf32>, tensor<1x1x1x2xi32>) {
  %0:2 = weir.max_pool2d %x {kernel = array<i64: 2>} : (tensor<1x2x2x2xf32>) -> (tensor<1x1x1x2xf32>, tensor<1x1x1x2xi32>)
  return %0#0, %0#1 : tensor<1x1x1x2xf32>, tensor<1x1x1x2xi32>
}

// -----

// C1
func.func @rank(%x: tensor<1x12xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'max_pool2d' expects images of height x width x channels, but got 12}}
  %0:2 = weir.max_pool2d %x {kernel = array<i64: 2>} : (tensor<1x12xf32>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>)
  return
}

// -----

// C2
func.func @kernel(%x: tensor<1x3x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'max_pool2d' expects a kernel of one or two sizes from 1 to 16384, but got [0]}}
  %0:2 = weir.max_pool2d %x {kernel = array<i64: 0>} : (tensor<1x3x4x1xf32>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>)
  return
}

// -----

// C2
func.func @stride(%x: tensor<1x3x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'max_pool2d' expects a stride of one or two sizes from 1 to 16384, but got [1, 2, 3]}}
  %0:2 = weir.max_pool2d %x {kernel = array<i64: 2>, stride = array<i64: 1, 2, 3>} : (tensor<1x3x4x1xf32>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>)
  return
}

// -----

// C3: ceil_mode does not change it
func.func @fits(%x: tensor<1x3x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'max_pool2d' expects a kernel that fits into the padded image of 3x4, but got 4x4}}
  %0:2 = weir.max_pool2d %x {ceil_mode = true, kernel = array<i64: 4>} : (tensor<1x3x4x1xf32>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>)
  return
}

// -----

// C4: the first window would hold no value
func.func @padding_size(%x: tensor<1x3x4x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'max_pool2d' expects a padding smaller than the kernel, but got padding = 2, kernel = 2}}
  %0:2 = weir.max_pool2d %x {kernel = array<i64: 2>, padding = array<i64: 0, 0, 2, 0>} : (tensor<1x3x4x1xf32>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>)
  return
}
