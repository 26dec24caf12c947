// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: plain: 1 4 0 -8 0 4 -2 -4 -4 4 0 0 1 1 4 0 4 0
func.func @plain(%dy: tensor<1x2x2x2xf32> {weir.value = dense<[[[[1.0, -2.0], [0.0, 2.0]], [[-1.0, 1.0], [-2.0, 0.0]]]]> : tensor<1x2x2x2xf32>},
                 %w: tensor<2x2x2xf32> {weir.value = dense<[[[1.0, -2.0], [0.0, 2.0]], [[-1.0, 1.0], [-2.0, 0.0]]]> : tensor<2x2x2xf32>})
    -> tensor<1x3x3x2xf32> {
  %0 = weir.depthwise_input_grad %dy, %w : (tensor<1x2x2x2xf32>, tensor<2x2x2xf32>) -> tensor<1x3x3x2xf32>
  return %0 : tensor<1x3x3x2xf32>
}

// CHECK-NEXT: stride_padding: 5 -2 -2 -3 2 2 2 2 0 0 0 0
func.func @stride_padding(%dy: tensor<1x1x3x2xf32> {weir.value = dense<[[[[1.0, -2.0], [0.0, 2.0], [-1.0, 1.0]]]]> : tensor<1x1x3x2xf32>},
                          %w: tensor<3x3x2xf32> {weir.value = dense<[[[1.0, -2.0], [0.0, 2.0], [-1.0, 1.0]], [[-2.0, 0.0], [2.0, -1.0], [1.0, -2.0]], [[0.0, 2.0], [-1.0, 1.0], [-2.0, 0.0]]]> : tensor<3x3x2xf32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.depthwise_input_grad %dy, %w {padding = array<i64: 1, 0, 2, 1>, stride = array<i64: 2>} : (tensor<1x1x3x2xf32>, tensor<3x3x2xf32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// CHECK-NEXT: dilation: 1 0 -2 0 0 0 0 0 2
func.func @dilation(%dy: tensor<1x1x1x1xf32> {weir.value = dense<1.0> : tensor<1x1x1x1xf32>},
                    %w: tensor<2x2x1xf32> {weir.value = dense<[[[1.0], [-2.0]], [[0.0], [2.0]]]> : tensor<2x2x1xf32>})
    -> tensor<1x3x3x1xf32> {
  %0 = weir.depthwise_input_grad %dy, %w {dilation = array<i64: 2>} : (tensor<1x1x1x1xf32>, tensor<2x2x1xf32>) -> tensor<1x3x3x1xf32>
  return %0 : tensor<1x3x3x1xf32>
}

// -----

func.func @rank(%dy: tensor<2x3x3x4xf32>, %w: tensor<3x3x4x1xf32>) {
  // expected-error@+1 {{'depthwise_input_grad' expects a weight of rank 3, but got 3x3x4x1}}
  %0 = weir.depthwise_input_grad %dy, %w : (tensor<2x3x3x4xf32>, tensor<3x3x4x1xf32>) -> tensor<2x5x5x4xf32>
  return
}

// -----

func.func @channels(%dy: tensor<2x3x3x4xf32>, %w: tensor<3x3x4xf32>) {
  // expected-error@+1 {{'depthwise_input_grad' expects a weight for 3 channels, but got 3x3x4}}
  %0 = weir.depthwise_input_grad %dy, %w : (tensor<2x3x3x4xf32>, tensor<3x3x4xf32>) -> tensor<2x5x5x3xf32>
  return
}

// -----

func.func @dy(%dy: tensor<2x3x3x4xf32>, %w: tensor<3x3x8xf32>) {
  // expected-error@+1 {{'depthwise_input_grad' expects a dy of 2x3x3x8, but got 2x3x3x4}}
  %0 = weir.depthwise_input_grad %dy, %w : (tensor<2x3x3x4xf32>, tensor<3x3x8xf32>) -> tensor<2x5x5x4xf32>
  return
}
