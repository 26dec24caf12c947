// Which gradients of images read windows of dy, and why others add windows up.
// RUN: weir-opt %s --lower-convolutions --remarks-filter=layout --split-input-file --verify-diagnostics | FileCheck %s

// Nine times the image is more than L2 holds.
// CHECK-LABEL: func.func @large
// CHECK: weir.flip_weight
// CHECK-NOT: weir.fold_patches
func.func @large(%dy: tensor<8x55x55x64xf32>, %w: tensor<3x3x16x64xf32>) -> tensor<8x55x55x16xf32> {
  // expected-remark@+1 {{'conv2d_input_grad' reads windows of dy instead of adding up 13613 KB}}
  %0 = weir.conv2d_input_grad %dy, %w {padding = array<i64: 1>} : (tensor<8x55x55x64xf32>, tensor<3x3x16x64xf32>) -> tensor<8x55x55x16xf32>
  return %0 : tensor<8x55x55x16xf32>
}

// -----

// Few rows: turning the weight around takes longer than all of the product.
// CHECK-LABEL: func.func @few
// CHECK-NOT: weir.flip_weight
// CHECK: weir.fold_patches
func.func @few(%dy: tensor<4x3x3x128xf32>, %w: tensor<3x3x32x128xf32>) -> tensor<4x3x3x32xf32> {
  // expected-remark@+1 {{adds windows up ('fold_patches'): reading windows of dy would hardly gain}}
  %0 = weir.conv2d_input_grad %dy, %w {padding = array<i64: 1>} : (tensor<4x3x3x128xf32>, tensor<3x3x32x128xf32>) -> tensor<4x3x3x32xf32>
  return %0 : tensor<4x3x3x32xf32>
}

// -----

// Without a border the image has more positions than dy: 36 instead of 16.
// CHECK-LABEL: func.func @border
// CHECK-NOT: weir.flip_weight
// CHECK: weir.fold_patches
func.func @border(%dy: tensor<32x4x4x64xf32>, %w: tensor<3x3x64x64xf32>) -> tensor<32x6x6x64xf32> {
  // expected-remark@+1 {{reading windows of dy would hardly gain}}
  %0 = weir.conv2d_input_grad %dy, %w : (tensor<32x4x4x64xf32>, tensor<3x3x64x64xf32>) -> tensor<32x6x6x64xf32>
  return %0 : tensor<32x6x6x64xf32>
}

// -----

// A border wider than the taps reach, and a stride: dy has no such windows.
// CHECK-LABEL: func.func @no_windows
// CHECK-NOT: weir.flip_weight
// CHECK-COUNT-2: weir.fold_patches
func.func @no_windows(%dy: tensor<8x58x58x64xf32>, %w: tensor<2x2x16x64xf32>) -> (tensor<8x55x55x16xf32>, tensor<8x116x116x16xf32>) {
  // expected-remark@+1 {{adds windows up ('fold_patches'): at this stride and border it is no convolution of dy}}
  %0 = weir.conv2d_input_grad %dy, %w {padding = array<i64: 2>} : (tensor<8x58x58x64xf32>, tensor<2x2x16x64xf32>) -> tensor<8x55x55x16xf32>
  // expected-remark@+1 {{at this stride and border it is no convolution of dy}}
  %1 = weir.conv2d_input_grad %dy, %w {stride = array<i64: 2>} : (tensor<8x58x58x64xf32>, tensor<2x2x16x64xf32>) -> tensor<8x116x116x16xf32>
  return %0, %1 : tensor<8x55x55x16xf32>, tensor<8x116x116x16xf32>
}

// -----

// The model knows CPUs.
module attributes {weir.device = "cuda"} {
  // CHECK-LABEL: func.func @device
  // CHECK: weir.fold_patches
  func.func @device(%dy: tensor<8x55x55x64xf32>, %w: tensor<3x3x16x64xf32>) -> tensor<8x55x55x16xf32> {
    // expected-remark@+1 {{adds windows up ('fold_patches'): on a GPU}}
    %0 = weir.conv2d_input_grad %dy, %w {padding = array<i64: 1>} : (tensor<8x55x55x64xf32>, tensor<3x3x16x64xf32>) -> tensor<8x55x55x16xf32>
    return %0 : tensor<8x55x55x16xf32>
  }
}
