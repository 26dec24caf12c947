// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// The second from the first.
// CHECK: same: -1 -2 -2 -4 -5 -10
func.func @same(%a: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                %b: tensor<2x3xf32> {weir.value = dense<[[2.0, 4.0, 5.0], [8.0, 10.0, 16.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.sub %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// A row is repeated downwards, a column sideways; either side may be the small one.
// CHECK-NEXT: broadcast: 0 0 -1 3 3 2
// CHECK-NEXT: broadcast: 1 0 -1 4 3 2
func.func @broadcast(%a: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                     %row: tensor<1x3xf32> {weir.value = dense<[[1.0, 2.0, 4.0]]> : tensor<1x3xf32>},
                     %column: tensor<2x1xf32> {weir.value = dense<[[2.0], [8.0]]> : tensor<2x1xf32>})
    -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = weir.sub %a, %row : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %1 = weir.sub %column, %a : (tensor<2x1xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<2x3xf32>
}

// -----

// C1: ranks are equal, even where the smaller could be padded.
func.func @ranks(%a: tensor<2x3xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'sub' expects two equal shapes (or sizes of 1)}}
  %0 = weir.sub %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// C2: 2 is neither 3 nor 1.
func.func @sizes(%a: tensor<7x3x1xf32>, %b: tensor<7x2x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'sub' expects two equal shapes (or sizes of 1), but got 3x1 and 2x1}}
  %0 = weir.sub %a, %b : (tensor<7x3x1xf32>, tensor<7x2x1xf32>) -> tensor<7x3x1xf32>
  return
}
