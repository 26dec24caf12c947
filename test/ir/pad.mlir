// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// All around; left and right only, with nines; and each side by itself: a row above, two columns on the right.
// CHECK: pad: 0 0 0 0 0 1 2 0 0 0 0 0
// CHECK-NEXT: pad: 9 1 2 9
// CHECK-NEXT: pad: 0 0 0 0 1 2 0 0
func.func @pad(%x: tensor<1x1x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]]]]> : tensor<1x1x2x1xf32>})
    -> (tensor<1x3x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x2x4x1xf32>) {
  %0 = weir.pad %x {padding = array<i64: 1>} : (tensor<1x1x2x1xf32>) -> tensor<1x3x4x1xf32>
  %1 = weir.pad %x {padding = array<i64: 0, 1>, value = 9.0} : (tensor<1x1x2x1xf32>) -> tensor<1x1x4x1xf32>
  %2 = weir.pad %x {padding = array<i64: 1, 0, 0, 2>} : (tensor<1x1x2x1xf32>) -> tensor<1x2x4x1xf32>
  return %0, %1, %2 : tensor<1x3x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x2x4x1xf32>
}

// -----

// C1
func.func @rank(%x: tensor<1x2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'pad' expects images of height x width x channels, but got 2x3}}
  %0 = weir.pad %x {padding = array<i64: 1>} : (tensor<1x2x3xf32>) -> tensor<1x4x5xf32>
  return
}

// -----

// C2
func.func @three(%x: tensor<1x2x3x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'pad' expects one, two or four sizes of at least 0, but got [1, 2, 3]}}
  %0 = weir.pad %x {padding = array<i64: 1, 2, 3>} : (tensor<1x2x3x1xf32>) -> tensor<1x4x5x1xf32>
  return
}

// -----

// C2
func.func @negative(%x: tensor<1x2x3x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'pad' expects one, two or four sizes of at least 0, but got [-1]}}
  %0 = weir.pad %x {padding = array<i64: -1>} : (tensor<1x2x3x1xf32>) -> tensor<1x4x5x1xf32>
  return
}
