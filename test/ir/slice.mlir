// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// The last two channels of each pixel; the second row.
// CHECK: slice: 2 3 5 6 8 9 11 12
// CHECK-NEXT: slice: 7 8 9 10 11 12
func.func @slice(%x: tensor<1x2x2x3xf32> {weir.value = dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]]]]> : tensor<1x2x2x3xf32>})
    -> (tensor<1x2x2x2xf32>, tensor<1x1x2x3xf32>) {
  %0 = weir.slice %x {begin = 1 : i64, end = 3 : i64} : (tensor<1x2x2x3xf32>) -> tensor<1x2x2x2xf32>
  %1 = weir.slice %x {begin = 1 : i64, end = 2 : i64, axis = 0 : i64} : (tensor<1x2x2x3xf32>) -> tensor<1x1x2x3xf32>
  return %0, %1 : tensor<1x2x2x2xf32>, tensor<1x1x2x3xf32>
}

// -----

// C1
func.func @axis(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'slice' expects an axis of 2x3, but got -3}}
  %0 = weir.slice %x {begin = 0 : i64, end = 1 : i64, axis = -3 : i64} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  return
}

// -----

// C2
func.func @behind(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'slice' expects a part of the 3 values along axis -1, but got 2 to 4}}
  %0 = weir.slice %x {begin = 2 : i64, end = 4 : i64} : (tensor<1x2x3xf32>) -> tensor<1x2x2xf32>
  return
}

// -----

// C2
func.func @empty(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'slice' expects a part of the 3 values along axis -1, but got 1 to 1}}
  %0 = weir.slice %x {begin = 1 : i64, end = 1 : i64} : (tensor<1x2x3xf32>) -> tensor<1x2x2xf32>
  return
}

// -----

// C2
func.func @negative(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'slice' expects a part of the 3 values along axis -1, but got -1 to 2}}
  %0 = weir.slice %x {begin = -1 : i64, end = 2 : i64} : (tensor<1x2x3xf32>) -> tensor<1x2x2xf32>
  return
}
