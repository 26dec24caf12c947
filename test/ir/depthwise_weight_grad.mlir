// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: plain: -24 12 -28 14 -36 18 -40 20
func.func @plain(%x: tensor<1x3x3x2xf32> {weir.value = dense<[[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]], [[13.0, 14.0], [15.0, 16.0], [17.0, 18.0]]]]> : tensor<1x3x3x2xf32>},
                 %dy: tensor<1x2x2x2xf32> {weir.value = dense<[[[[1.0, -2.0], [0.0, 2.0]], [[-1.0, 1.0], [-2.0, 0.0]]]]> : tensor<1x2x2x2xf32>})
    -> tensor<2x2x2xf32> {
  %0 = weir.depthwise_weight_grad %x, %dy : (tensor<1x3x3x2xf32>, tensor<1x2x2x2xf32>) -> tensor<2x2x2xf32>
  return %0 : tensor<2x2x2xf32>
}

// CHECK-NEXT: stride_padding: 0 0 0 0 0 0 -3 5 -4 8 1 4 -7 17 -8 20 5 4
func.func @stride_padding(%x: tensor<1x3x4x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]], [[9.0], [10.0], [11.0], [12.0]]]]> : tensor<1x3x4x1xf32>},
                          %dy: tensor<1x1x3x2xf32> {weir.value = dense<[[[[1.0, -2.0], [0.0, 2.0], [-1.0, 1.0]]]]> : tensor<1x1x3x2xf32>})
    -> tensor<3x3x2xf32> {
  %0 = weir.depthwise_weight_grad %x, %dy {padding = array<i64: 1, 0, 2, 1>, stride = array<i64: 2>} : (tensor<1x3x4x1xf32>, tensor<1x1x3x2xf32>) -> tensor<3x3x2xf32>
  return %0 : tensor<3x3x2xf32>
}

// CHECK-NEXT: dilation: 1 3 7 9
func.func @dilation(%x: tensor<1x3x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]], [[7.0], [8.0], [9.0]]]]> : tensor<1x3x3x1xf32>},
                    %dy: tensor<1x1x1x1xf32> {weir.value = dense<1.0> : tensor<1x1x1x1xf32>})
    -> tensor<2x2x1xf32> {
  %0 = weir.depthwise_weight_grad %x, %dy {dilation = array<i64: 2>} : (tensor<1x3x3x1xf32>, tensor<1x1x1x1xf32>) -> tensor<2x2x1xf32>
  return %0 : tensor<2x2x1xf32>
}

// -----

func.func @dy(%x: tensor<2x5x5x4xf32>, %dy: tensor<2x2x3x4xf32>) {
  // expected-error@+1 {{'depthwise_weight_grad' expects a dy of 2x3x3x4, but got 2x2x3x4}}
  %0 = weir.depthwise_weight_grad %x, %dy : (tensor<2x5x5x4xf32>, tensor<2x2x3x4xf32>) -> tensor<3x3x4xf32>
  return
}
