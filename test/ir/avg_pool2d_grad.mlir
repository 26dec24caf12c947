// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: plain: 0.25 0.25 0.5 0.5 0.25 0.25 0.5 0.5 0 0 0 0
func.func @plain(%dy: tensor<1x1x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]]]]> : tensor<1x1x2x1xf32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.avg_pool2d_grad %dy {kernel = array<i64: 2>} : (tensor<1x1x2x1xf32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// CHECK-NEXT: ceil_mode: 0.25 0.25 0.5 0.5 0.25 0.25 0.5 0.5 1.5 1.5 2 2
func.func @ceil_mode(%dy: tensor<1x2x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.avg_pool2d_grad %dy {ceil_mode = true, kernel = array<i64: 2>} : (tensor<1x2x2x1xf32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// CHECK-NEXT: padding: 0.25 0.5 0.5 0.75 1 1.25 1.25 1.5 1 1.25 1.25 1.5
func.func @padding(%dy: tensor<1x2x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]]> : tensor<1x2x3x1xf32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.avg_pool2d_grad %dy {kernel = array<i64: 2>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<1x2x3x1xf32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// CHECK-NEXT: values_only: 1 1 1 3 2 1.25 1.25 3 2 1.25 1.25 3
func.func @values_only(%dy: tensor<1x2x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]]> : tensor<1x2x3x1xf32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.avg_pool2d_grad %dy {count_include_pad = false, kernel = array<i64: 2>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<1x2x3x1xf32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// CHECK-NEXT: ceil_padding: 0.111111 0.333333 0.222222 0.722222 0.555556 1.33333 0.777778 2.27778 0.444444 1 0.555556 1.55556
func.func @ceil_padding(%dy: tensor<1x2x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]]> : tensor<1x2x3x1xf32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.avg_pool2d_grad %dy {ceil_mode = true, kernel = array<i64: 3>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<1x2x3x1xf32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// -----

// C1
func.func @dy(%dy: tensor<1x1x2x2xf32>) {
  // expected-error@+1 {{'avg_pool2d_grad' expects operands of 1x1x2x1, but got 1x1x2x2}}
  %0 = weir.avg_pool2d_grad %dy {kernel = array<i64: 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x3x4x1xf32>
  return
}
