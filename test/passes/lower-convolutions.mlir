// What convolutions compute stays what it is: the ops' own tests, after the pass.
// RUN: weir-opt %S/../ir/conv2d.mlir --lower-convolutions --sink-views --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %S/../ir/conv2d.mlir
// RUN: weir-opt %S/../ir/conv2d_input_grad.mlir --lower-convolutions --sink-views --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %S/../ir/conv2d_input_grad.mlir
// RUN: weir-opt %S/../ir/conv2d_input_grad.mlir --lower-convolutions="always-windows=true" --sink-views --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %S/../ir/conv2d_input_grad.mlir
// RUN: weir-opt %S/../ir/conv2d_weight_grad.mlir --lower-convolutions --sink-views --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %S/../ir/conv2d_weight_grad.mlir
// RUN: weir-opt %s --lower-convolutions --split-input-file | FileCheck %s
// RUN: weir-opt %s --lower-convolutions="always-windows=true" --split-input-file | FileCheck %s --check-prefix=FLIPPED

// Windows become rows; the weight is seen as a matrix.
// CHECK-LABEL: func.func @windows
// CHECK: %[[PATCHES:.*]] = weir.patches %arg0 {kernel = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<2x5x5x4xf32>) -> tensor<2x3x3x3x3x4xf32>
// CHECK: %[[ROWS:.*]] = weir.view %[[PATCHES]] : tensor<2x3x3x3x3x4xf32> -> tensor<18x36xf32>
// CHECK: %[[W:.*]] = weir.view %arg1 : tensor<3x3x4x8xf32> -> tensor<36x8xf32>
// CHECK: %[[Y:.*]] = weir.dense %[[ROWS]], %[[W]], %arg2
// CHECK: weir.view %[[Y]] : tensor<18x8xf32> -> tensor<2x3x3x8xf32>
func.func @windows(%x: tensor<2x5x5x4xf32>, %w: tensor<3x3x4x8xf32>, %b: tensor<8xf32>) -> tensor<2x3x3x8xf32> {
  %0 = weir.conv2d %x, %w, %b {filters = 8 : i64, kernel = array<i64: 3>, stride = array<i64: 2>, padding = array<i64: 1>} : (tensor<2x5x5x4xf32>, tensor<3x3x4x8xf32>, tensor<8xf32>) -> tensor<2x3x3x8xf32>
  return %0 : tensor<2x3x3x8xf32>
}

// -----

// One pixel for each position: nothing is copied.
// CHECK-LABEL: func.func @pixels
// CHECK-NOT: weir.patches
// CHECK: weir.dense
func.func @pixels(%x: tensor<2x5x5x4xf32>, %w: tensor<1x1x4x8xf32>) -> tensor<2x5x5x8xf32> {
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 1>, use_bias = false} : (tensor<2x5x5x4xf32>, tensor<1x1x4x8xf32>) -> tensor<2x5x5x8xf32>
  return %0 : tensor<2x5x5x8xf32>
}

// -----

// One position that sees the whole image, too.
// CHECK-LABEL: func.func @whole
// CHECK-NOT: weir.patches
// CHECK: weir.dense
func.func @whole(%x: tensor<2x5x5x4xf32>, %w: tensor<5x5x4x8xf32>) -> tensor<2x1x1x8xf32> {
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 5>, use_bias = false} : (tensor<2x5x5x4xf32>, tensor<5x5x4x8xf32>) -> tensor<2x1x1x8xf32>
  return %0 : tensor<2x1x1x8xf32>
}

// -----

// Each group is a product of its own.
// CHECK-LABEL: func.func @groups
// CHECK-COUNT-2: weir.dense
// CHECK: weir.concat
func.func @groups(%x: tensor<2x5x5x4xf32>, %w: tensor<1x1x2x8xf32>) -> tensor<2x5x5x8xf32> {
  %0 = weir.conv2d %x, %w {filters = 8 : i64, kernel = array<i64: 1>, groups = 2 : i64, use_bias = false} : (tensor<2x5x5x4xf32>, tensor<1x1x2x8xf32>) -> tensor<2x5x5x8xf32>
  return %0 : tensor<2x5x5x8xf32>
}

// -----

// A depthwise convolution of one pixel is a factor for each channel.
// CHECK-LABEL: func.func @channels
// CHECK-NOT: weir.depthwise
// CHECK: %[[X:.*]] = weir.view %arg0 : tensor<2x5x5x4xf32> -> tensor<50x4xf32>
// CHECK: %[[FACTORS:.*]] = weir.view %arg1 : tensor<1x1x4xf32> -> tensor<1x4xf32>
// CHECK: %[[Y:.*]] = weir.mul %[[X]], %[[FACTORS]]
// CHECK: weir.bias_add {{.*}}, %arg2
// CHECK: weir.mul
func.func @channels(%x: tensor<2x5x5x4xf32>, %w: tensor<1x1x4xf32>, %b: tensor<4xf32>) -> (tensor<2x5x5x4xf32>, tensor<2x5x5x4xf32>) {
  %0 = weir.depthwise_conv2d %x, %w, %b {kernel = array<i64: 1>} : (tensor<2x5x5x4xf32>, tensor<1x1x4xf32>, tensor<4xf32>) -> tensor<2x5x5x4xf32>
  %1 = weir.depthwise_input_grad %x, %w : (tensor<2x5x5x4xf32>, tensor<1x1x4xf32>) -> tensor<2x5x5x4xf32>
  return %0, %1 : tensor<2x5x5x4xf32>, tensor<2x5x5x4xf32>
}

// -----

// Windows of dy with the weight turned around, where they are asked for: the border that the forward convolution has
// not, below and on the right, is what its taps reach beyond dy. At another stride there are none.
// CHECK-LABEL: func.func @gradients
// CHECK-NOT: weir.flip_weight
// CHECK-COUNT-2: weir.fold_patches
// FLIPPED-LABEL: func.func @gradients
// FLIPPED: %[[FLIPPED:.*]] = weir.flip_weight %arg1 : (tensor<3x3x4x8xf32>) -> tensor<3x3x8x4xf32>
// FLIPPED: %[[PATCHES:.*]] = weir.patches %arg0 {kernel = array<i64: 3, 3>, padding = array<i64: 1, 2, 1, 2>} : (tensor<2x4x4x8xf32>) -> tensor<2x5x5x3x3x8xf32>
// FLIPPED: %[[ROWS:.*]] = weir.view %[[PATCHES]] : tensor<2x5x5x3x3x8xf32> -> tensor<50x72xf32>
// FLIPPED: %[[W:.*]] = weir.view %[[FLIPPED]] : tensor<3x3x8x4xf32> -> tensor<72x4xf32>
// FLIPPED: %[[DX:.*]] = weir.dense %[[ROWS]], %[[W]] {init = "zeros", units = 4 : i64, use_bias = false} : (tensor<50x72xf32>, tensor<72x4xf32>) -> tensor<50x4xf32>
// FLIPPED: weir.view %[[DX]] : tensor<50x4xf32> -> tensor<2x5x5x4xf32>
// FLIPPED-NOT: weir.flip_weight
// FLIPPED: weir.fold_patches
func.func @gradients(%dy: tensor<2x4x4x8xf32>, %w: tensor<3x3x4x8xf32>) -> (tensor<2x5x5x4xf32>, tensor<2x9x9x4xf32>) {
  %0 = weir.conv2d_input_grad %dy, %w {padding = array<i64: 1, 0, 1, 0>} : (tensor<2x4x4x8xf32>, tensor<3x3x4x8xf32>) -> tensor<2x5x5x4xf32>
  %1 = weir.conv2d_input_grad %dy, %w {stride = array<i64: 2>} : (tensor<2x4x4x8xf32>, tensor<3x3x4x8xf32>) -> tensor<2x9x9x4xf32>
  return %0, %1 : tensor<2x5x5x4xf32>, tensor<2x9x9x4xf32>
}
