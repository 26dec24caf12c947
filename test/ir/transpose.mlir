// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Rows become columns, in each image; and channels in front of a row of pixels.
// CHECK: transpose: 1 4 2 5 3 6
// CHECK-NEXT: transpose: 1 3 2 4 5 7 6 8
func.func @transpose(%x: tensor<1x2x3xf32> {weir.value = dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>},
                     %z: tensor<2x1x2x2xf32> {weir.value = dense<[[[[1.0, 2.0], [3.0, 4.0]]], [[[5.0, 6.0], [7.0, 8.0]]]]> : tensor<2x1x2x2xf32>})
    -> (tensor<1x3x2xf32>, tensor<2x2x1x2xf32>) {
  %0 = weir.transpose %x {permutation = array<i64: 1, 0>} : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
  %1 = weir.transpose %z {permutation = array<i64: 2, 0, 1>} : (tensor<2x1x2x2xf32>) -> tensor<2x2x1x2xf32>
  return %0, %1 : tensor<1x3x2xf32>, tensor<2x2x1x2xf32>
}

// -----

// C1
func.func @twice(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'transpose' expects each dimension of 2x3 once, but got [0, 0]}}
  %0 = weir.transpose %x {permutation = array<i64: 0, 0>} : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
  return
}

// -----

// C1
func.func @missing(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'transpose' expects each dimension of 2x3 once, but got [0]}}
  %0 = weir.transpose %x {permutation = array<i64: 0>} : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
  return
}

// -----

// C1
func.func @beyond(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'transpose' expects each dimension of 2x3 once, but got [1, 2]}}
  %0 = weir.transpose %x {permutation = array<i64: 1, 2>} : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
  return
}
