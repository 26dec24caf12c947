// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Back to where they were cut from, zeros around them.
// CHECK: slice_grad: 0 1 2 0 0 3 4 0
// CHECK-NEXT: slice_grad: 1 2 3 4 0 0
func.func @slice_grad(%dy: tensor<1x2x2xf32> {weir.value = dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>})
    -> (tensor<1x2x4xf32>, tensor<1x3x2xf32>) {
  %0 = weir.slice_grad %dy {begin = 1 : i64} : tensor<1x2x2xf32> -> tensor<1x2x4xf32>
  %1 = weir.slice_grad %dy {begin = 0 : i64, axis = 0 : i64} : tensor<1x2x2xf32> -> tensor<1x3x2xf32>
  return %0, %1 : tensor<1x2x4xf32>, tensor<1x3x2xf32>
}

// -----

// C1
func.func @axis(%dy: tensor<1x2xf32>) {
  // expected-error@+1 {{expects an axis of 'tensor<1x2xf32>', but got 1}}
  %0 = weir.slice_grad %dy {begin = 0 : i64, axis = 1 : i64} : tensor<1x2xf32> -> tensor<1x4xf32>
  return
}

// -----

// C2
func.func @room(%dy: tensor<1x2xf32>) {
  // expected-error@+1 {{expects a shape with room for 'tensor<1x2xf32>' from 3 on along axis -1, but got 'tensor<1x4xf32>'}}
  %0 = weir.slice_grad %dy {begin = 3 : i64} : tensor<1x2xf32> -> tensor<1x4xf32>
  return
}

// -----

// C3
func.func @sizes(%dy: tensor<1x2x2xf32>) {
  // expected-error@+1 {{expects a shape with room for 'tensor<1x2x2xf32>' from 0 on along axis -1, but got 'tensor<1x3x4xf32>'}}
  %0 = weir.slice_grad %dy {begin = 0 : i64} : tensor<1x2x2xf32> -> tensor<1x3x4xf32>
  return
}
