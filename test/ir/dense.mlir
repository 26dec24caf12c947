// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// [1 2 3] . [1 0.5 0] = 2, [1 2 3] . [-1 2 3] = 12; [-1 0 0.5] . [1 0.5 0] = -1, [-1 0 0.5] . [-1 2 3] = 2.5
// CHECK: dense: 12 2 9 -7.5
// CHECK-NEXT: dense: 2 12 -1 2.5
func.func @dense(%x: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]]> : tensor<2x3xf32>}, %w: tensor<3x2xf32> {weir.value = dense<[[1.0, -1.0], [0.5, 2.0], [0.0, 3.0]]> : tensor<3x2xf32>}, %b: tensor<2xf32> {weir.value = dense<[10.0, -10.0]> : tensor<2xf32>}) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %0 = weir.dense %x, %w, %b {units = 2 : i64} : (tensor<2x3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  %1 = weir.dense %x, %w {units = 2 : i64, use_bias = false} : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return %0, %1 : tensor<2x2xf32>, tensor<2x2xf32>
}

// All dimensions in front of the last count rows: the same values in two maps of one pixel.
// CHECK-NEXT: rows: 2 12 -1 2.5
func.func @rows(%x: tensor<2x1x1x3xf32> {weir.value = dense<[[[[1.0, 2.0, 3.0]]], [[[-1.0, 0.0, 0.5]]]]> : tensor<2x1x1x3xf32>}, %w: tensor<3x2xf32> {weir.value = dense<[[1.0, -1.0], [0.5, 2.0], [0.0, 3.0]]> : tensor<3x2xf32>}) -> tensor<2x1x1x2xf32> {
  %0 = weir.dense %x, %w {units = 2 : i64, use_bias = false} : (tensor<2x1x1x3xf32>, tensor<3x2xf32>) -> tensor<2x1x1x2xf32>
  return %0 : tensor<2x1x1x2xf32>
}

// -----

// C1. That the language wants one dimension is checked in test/frontend.
func.func @rank(%x: tensor<3xf32>, %w: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense' expects a batch of values, but got 3}}
  %0 = weir.dense %x, %w {units = 2 : i64} : (tensor<3xf32>, tensor<3x2xf32>) -> tensor<2xf32>
  return
}

// -----

// C2
func.func @units(%x: tensor<2x3xf32>, %w: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense' expects a positive number of units, but got 0}}
  %0 = weir.dense %x, %w {units = 0 : i64} : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

// C3: the weight is [features, units], not [units, features].
func.func @weight(%x: tensor<2x3xf32>, %w: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense' expects a weight of 3x2, but got 2x3}}
  %0 = weir.dense %x, %w {units = 2 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

// C4
func.func @bias(%x: tensor<2x3xf32>, %w: tensor<3x2xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense' expects a bias of 2, but got 3}}
  %0 = weir.dense %x, %w, %b {units = 2 : i64} : (tensor<2x3xf32>, tensor<3x2xf32>, tensor<3xf32>) -> tensor<2x2xf32>
  return
}
