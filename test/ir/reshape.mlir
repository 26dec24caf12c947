// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Row-major order stays; -1 is worked out, the batch is not named.
// CHECK: reshape: 1 2 3 4 5 6 7 8 9 10 11 12
// CHECK-NEXT: reshape: 1 2 3 4 5 6 7 8 9 10 11 12
func.func @reshape(%x: tensor<2x2x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]], [[[7.0], [8.0], [9.0]], [[10.0], [11.0], [12.0]]]]> : tensor<2x2x3x1xf32>}) -> (tensor<2x3x2xf32>, tensor<2x6x1xf32>) {
  %0 = weir.reshape %x {shape = array<i64: 3, 2>} : (tensor<2x2x3x1xf32>) -> tensor<2x3x2xf32>
  %1 = weir.reshape %x {shape = array<i64: -1, 1>} : (tensor<2x2x3x1xf32>) -> tensor<2x6x1xf32>
  return %0, %1 : tensor<2x3x2xf32>, tensor<2x6x1xf32>
}

// -----

// C1: two unknowns
func.func @unknowns(%x: tensor<2x6xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'reshape' expects positive sizes and at most one -1, but got [-1, -1]}}
  %0 = weir.reshape %x {shape = array<i64: -1, -1>} : (tensor<2x6xf32>) -> tensor<2x6x1xf32>
  return
}

// -----

// C1: zero
func.func @zero(%x: tensor<2x6xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'reshape' expects positive sizes and at most one -1, but got [6, 0]}}
  %0 = weir.reshape %x {shape = array<i64: 6, 0>} : (tensor<2x6xf32>) -> tensor<2x6xf32>
  return
}

// -----

// C2: with all sizes known
func.func @count(%x: tensor<2x6xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'reshape' expects as many values as 6 has (6), but the new shape holds 8}}
  %0 = weir.reshape %x {shape = array<i64: 4, 2>} : (tensor<2x6xf32>) -> tensor<2x4x2xf32>
  return
}

// -----

// C2: with one unknown
func.func @multiple(%x: tensor<2x6xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'reshape' expects as many values as 6 has (6), but the new shape holds a multiple of 4}}
  %0 = weir.reshape %x {shape = array<i64: 4, -1>} : (tensor<2x6xf32>) -> tensor<2x4x2xf32>
  return
}
