// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: plain: 0 1 0 2 0 0 0 0 0 0 0 0
func.func @plain(%dy: tensor<1x1x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]]]]> : tensor<1x1x2x1xf32>},
                 %i: tensor<1x1x2x1xi32> {weir.value = dense<1> : tensor<1x1x2x1xi32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.max_pool2d_grad %dy, %i {kernel = array<i64: 2>} : (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// CHECK-NEXT: ceil_mode: 0 1 0 2 0 0 0 0 3 0 4 0
func.func @ceil_mode(%dy: tensor<1x2x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32>},
                     %i: tensor<1x2x2x1xi32> {weir.value = dense<[[[[1], [1]], [[0], [0]]]]> : tensor<1x2x2x1xi32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.max_pool2d_grad %dy, %i {ceil_mode = true, kernel = array<i64: 2>} : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xi32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// CHECK-NEXT: padding: 1 2 0 3 4 5 0 6 0 0 0 0
func.func @padding(%dy: tensor<1x2x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]]> : tensor<1x2x3x1xf32>},
                   %i: tensor<1x2x3x1xi32> {weir.value = dense<[[[[3], [2], [2]], [[1], [0], [0]]]]> : tensor<1x2x3x1xi32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.max_pool2d_grad %dy, %i {kernel = array<i64: 2>, padding = array<i64: 1>, stride = array<i64: 2>} : (tensor<1x2x3x1xf32>, tensor<1x2x3x1xi32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// CHECK-NEXT: same: 0 1 0 2 0 3 0 4 0 0 0 0
func.func @same(%dy: tensor<1x2x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32>},
                %i: tensor<1x2x2x1xi32> {weir.value = dense<[[[[4], [4]], [[1], [1]]]]> : tensor<1x2x2x1xi32>})
    -> tensor<1x3x4x1xf32> {
  %0 = weir.max_pool2d_grad %dy, %i {kernel = array<i64: 3>, padding = array<i64: -1>, stride = array<i64: 2>} : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xi32>) -> tensor<1x3x4x1xf32>
  return %0 : tensor<1x3x4x1xf32>
}

// -----

// C1
func.func @index(%dy: tensor<1x1x2x1xf32>, %i: tensor<1x2x2x1xi32>) {
  // expected-error@+1 {{'max_pool2d_grad' expects operands of 1x1x2x1, but got 1x2x2x1}}
  %0 = weir.max_pool2d_grad %dy, %i {kernel = array<i64: 2>} : (tensor<1x1x2x1xf32>, tensor<1x2x2x1xi32>) -> tensor<1x3x4x1xf32>
  return
}

// -----

// C1
func.func @dy(%dy: tensor<1x1x2x1xf32>, %i: tensor<1x1x2x1xi32>) {
  // expected-error@+1 {{'max_pool2d_grad' expects operands of 1x2x2x1, but got 1x1x2x1}}
  %0 = weir.max_pool2d_grad %dy, %i {ceil_mode = true, kernel = array<i64: 2>} : (tensor<1x1x2x1xf32>, tensor<1x1x2x1xi32>) -> tensor<1x3x4x1xf32>
  return
}
