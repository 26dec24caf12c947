// Taps that meet nothing but the border at every position. Numbers do not change.
// RUN: weir-opt %s --drop-dead-taps | FileCheck %s
// RUN: %weir opt %s --pass-pipeline=drop-dead-taps --check-passes -o %t 2>&1 | FileCheck %s --check-prefix=BOUND
// BOUND: drop-dead-taps{{ +}}within{{ +}}0{{ +}}0

// One tap of nine.
// CHECK-LABEL: func.func @one_pixel
// CHECK-NEXT: %[[KERNEL:.*]] = weir.view %arg1 : tensor<3x3x4x8xf32> -> tensor<1x3x3x4x8xf32>
// CHECK-NEXT: %[[ROW:.*]] = weir.slice %[[KERNEL]] {axis = 0 : i64, begin = 1 : i64, end = 2 : i64} : (tensor<1x3x3x4x8xf32>) -> tensor<1x1x3x4x8xf32>
// CHECK-NEXT: %[[PIXEL:.*]] = weir.slice %[[ROW]] {axis = 1 : i64, begin = 1 : i64, end = 2 : i64} : (tensor<1x1x3x4x8xf32>) -> tensor<1x1x1x4x8xf32>
// CHECK-NEXT: %[[TAP:.*]] = weir.view %[[PIXEL]] : tensor<1x1x1x4x8xf32> -> tensor<1x1x4x8xf32>
// CHECK-NEXT: weir.conv2d %arg0, %[[TAP]], %arg2 {{.*}}kernel = array<i64: 1, 1>, padding = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>
func.func @one_pixel(%x: tensor<2x1x1x4xf32>, %w: tensor<3x3x4x8xf32>, %b: tensor<8xf32>) -> tensor<2x1x1x8xf32> {
  %0 = weir.conv2d %x, %w, %b {filters = 8 : i64, kernel = array<i64: 3>, padding = array<i64: 1>} : (tensor<2x1x1x4xf32>, tensor<3x3x4x8xf32>, tensor<8xf32>) -> tensor<2x1x1x8xf32>
  return %0 : tensor<2x1x1x8xf32>
}

// Of one position, the stride is never taken; what is left sees the whole image.
// CHECK-LABEL: func.func @stride
// CHECK: weir.slice {{.*}} {axis = 0 : i64, begin = 1 : i64, end = 3 : i64}
// CHECK: weir.depthwise_conv2d {{.*}}kernel = array<i64: 2, 2>, padding = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>
func.func @stride(%x: tensor<2x2x2x4xf32>, %w: tensor<3x3x4xf32>) -> tensor<2x1x1x4xf32> {
  %0 = weir.depthwise_conv2d %x, %w {kernel = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>, use_bias = false} : (tensor<2x2x2x4xf32>, tensor<3x3x4xf32>) -> tensor<2x1x1x4xf32>
  return %0 : tensor<2x1x1x4xf32>
}

// Neighbours of a dilated kernel are beyond the image.
// CHECK-LABEL: func.func @dilation
// CHECK: weir.conv2d {{.*}}dilation = array<i64: 2>{{.*}}kernel = array<i64: 1, 1>, padding = array<i64: 0, 0, 0, 0>
func.func @dilation(%x: tensor<1x2x2x2xf32>, %w: tensor<3x3x2x4xf32>) -> tensor<1x2x2x4xf32> {
  %0 = weir.conv2d %x, %w {dilation = array<i64: 2>, filters = 4 : i64, kernel = array<i64: 3>, padding = array<i64: 2>, use_bias = false} : (tensor<1x2x2x2xf32>, tensor<3x3x2x4xf32>) -> tensor<1x2x2x4xf32>
  return %0 : tensor<1x2x2x4xf32>
}

// One direction alone, and a border that is larger on one side.
// CHECK-LABEL: func.func @rows
// CHECK: weir.slice {{.*}} {axis = 0 : i64, begin = 2 : i64, end = 3 : i64}
// CHECK-NOT: weir.slice
// CHECK: weir.conv2d {{.*}}kernel = array<i64: 1, 3>, padding = array<i64: 0, 0, 1, 1>
func.func @rows(%x: tensor<1x1x5x2xf32>, %w: tensor<3x3x2x4xf32>) -> tensor<1x1x5x4xf32> {
  %0 = weir.conv2d %x, %w {filters = 4 : i64, kernel = array<i64: 3>, padding = array<i64: 2, 0, 1, 1>, use_bias = false} : (tensor<1x1x5x2xf32>, tensor<3x3x2x4xf32>) -> tensor<1x1x5x4xf32>
  return %0 : tensor<1x1x5x4xf32>
}

// All of them meet the image somewhere; a window may lie in the border whole.
// CHECK-LABEL: func.func @kept
// CHECK-NOT: weir.slice
func.func @kept(%x: tensor<1x2x2x2xf32>, %w: tensor<3x3x2x4xf32>, %y: tensor<1x1x1x2xf32>, %v: tensor<1x1x2x4xf32>) -> (tensor<1x2x2x4xf32>, tensor<1x3x3x4xf32>) {
  %0 = weir.conv2d %x, %w {filters = 4 : i64, kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x2x2x2xf32>, tensor<3x3x2x4xf32>) -> tensor<1x2x2x4xf32>
  %1 = weir.conv2d %y, %v {filters = 4 : i64, kernel = array<i64: 1>, padding = array<i64: 1>, use_bias = false} : (tensor<1x1x1x2xf32>, tensor<1x1x2x4xf32>) -> tensor<1x3x3x4xf32>
  return %0, %1 : tensor<1x2x2x4xf32>, tensor<1x3x3x4xf32>
}

// No tap meets the image: none is better than another.
// CHECK-LABEL: func.func @no_image
// CHECK-NOT: weir.slice
func.func @no_image(%x: tensor<1x1x1x2xf32>, %w: tensor<1x1x2x4xf32>) -> tensor<1x1x1x4xf32> {
  %0 = weir.conv2d %x, %w {filters = 4 : i64, kernel = array<i64: 1>, padding = array<i64: 1>, stride = array<i64: 3>, use_bias = false} : (tensor<1x1x1x2xf32>, tensor<1x1x2x4xf32>) -> tensor<1x1x1x4xf32>
  return %0 : tensor<1x1x1x4xf32>
}

// As the layer it belongs to.
// CHECK-LABEL: func.func @gradients
// CHECK: weir.conv2d_input_grad {{.*}}padding = array<i64: 0, 0, 0, 0>{{.*}} : (tensor<2x1x1x8xf32>, tensor<1x1x4x8xf32>) -> tensor<2x1x1x4xf32>
// CHECK: weir.depthwise_input_grad {{.*}}padding = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<2x1x1x4xf32>, tensor<2x2x4xf32>) -> tensor<2x2x2x4xf32>
func.func @gradients(%dy: tensor<2x1x1x8xf32>, %w: tensor<3x3x4x8xf32>, %dz: tensor<2x1x1x4xf32>, %v: tensor<3x3x4xf32>) -> (tensor<2x1x1x4xf32>, tensor<2x2x2x4xf32>) {
  %0 = weir.conv2d_input_grad %dy, %w {padding = array<i64: 1>} : (tensor<2x1x1x8xf32>, tensor<3x3x4x8xf32>) -> tensor<2x1x1x4xf32>
  %1 = weir.depthwise_input_grad %dz, %v {padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<2x1x1x4xf32>, tensor<3x3x4xf32>) -> tensor<2x2x2x4xf32>
  return %0, %1 : tensor<2x1x1x4xf32>, tensor<2x2x2x4xf32>
}
