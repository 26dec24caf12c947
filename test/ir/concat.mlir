// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// The channels of each pixel one behind the other; one input alone stays as it is.
// CHECK: channels: 1 3 4 2 5 6
// CHECK-NEXT: channels: 1 2
func.func @channels(%a: tensor<1x2x1xf32> {weir.value = dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf32>},
                    %b: tensor<1x2x2xf32> {weir.value = dense<[[[3.0, 4.0], [5.0, 6.0]]]> : tensor<1x2x2xf32>})
    -> (tensor<1x2x3xf32>, tensor<1x2x1xf32>) {
  %0 = weir.concat %a, %b : (tensor<1x2x1xf32>, tensor<1x2x2xf32>) -> tensor<1x2x3xf32>
  %1 = weir.concat %a : (tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  return %0, %1 : tensor<1x2x3xf32>, tensor<1x2x1xf32>
}

// Rows of each image; an input may come twice.
// CHECK-NEXT: rows: 1 2 5 6 7 8 1 2 3 4 9 10 11 12 3 4
func.func @rows(%a: tensor<2x1x2xf32> {weir.value = dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>},
                %b: tensor<2x2x2xf32> {weir.value = dense<[[[5.0, 6.0], [7.0, 8.0]], [[9.0, 10.0], [11.0, 12.0]]]> : tensor<2x2x2xf32>})
    -> tensor<2x4x2xf32> {
  %0 = weir.concat %a, %b, %a {axis = 0 : i64} : (tensor<2x1x2xf32>, tensor<2x2x2xf32>, tensor<2x1x2xf32>) -> tensor<2x4x2xf32>
  return %0 : tensor<2x4x2xf32>
}

// -----

// C1
func.func @none() {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'concat' expects at least one input, but got none}}
  %0 = weir.concat : () -> tensor<1x2xf32>
  return
}

// -----

// C2
func.func @rank(%a: tensor<3xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'concat' expects batches of values, but got 3}}
  %0 = weir.concat %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<6xf32>
  return
}

// -----

// C2
func.func @ranks(%a: tensor<1x2x3xf32>, %b: tensor<1x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'concat' expects equal sizes but for axis -1, but got 2x3 and 2}}
  %0 = weir.concat %a, %b : (tensor<1x2x3xf32>, tensor<1x2xf32>) -> tensor<1x2x5xf32>
  return
}

// -----

// C3: the batch is no axis.
func.func @axis(%a: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'concat' expects an axis of 2x3, but got 2}}
  %0 = weir.concat %a {axis = 2 : i64} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  return
}

// -----

// C4
func.func @sizes(%a: tensor<1x14x14x8xf32>, %b: tensor<1x7x7x8xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'concat' expects equal sizes but for axis -1, but got 14x14x8 and 7x7x8}}
  %0 = weir.concat %a, %b : (tensor<1x14x14x8xf32>, tensor<1x7x7x8xf32>) -> tensor<1x14x14x16xf32>
  return
}
