// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// To a column, a row, a scalar, a vector (a bias' gradient), to where a middle dimension was repeated, and to itself.
// CHECK: sums: 6 15
// CHECK-NEXT: sums: 5 7 9
// CHECK-NEXT: sums: 21
// CHECK-NEXT: sums: 5 7 9
// CHECK-NEXT: sums: 9 12
// CHECK-NEXT: sums: 1 2 3 4 5 6
func.func @sums(%x: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>})
    -> (tensor<2x1xf32>, tensor<1x3xf32>, tensor<f32>, tensor<3xf32>, tensor<1x1x2xf32>, tensor<2x3xf32>) {
  %column = weir.sum_to %x : tensor<2x3xf32> -> tensor<2x1xf32>
  %row = weir.sum_to %x : tensor<2x3xf32> -> tensor<1x3xf32>
  %all = weir.sum_to %x : tensor<2x3xf32> -> tensor<f32>
  %vector = weir.sum_to %x : tensor<2x3xf32> -> tensor<3xf32>
  %cube = weir.view %x : tensor<2x3xf32> -> tensor<1x3x2xf32>
  %middle = weir.sum_to %cube : tensor<1x3x2xf32> -> tensor<1x1x2xf32>
  %same = weir.sum_to %x : tensor<2x3xf32> -> tensor<2x3xf32>
  return %column, %row, %all, %vector, %middle, %same
      : tensor<2x1xf32>, tensor<1x3xf32>, tensor<f32>, tensor<3xf32>, tensor<1x1x2xf32>, tensor<2x3xf32>
}

// -----

// C1
func.func @rank(%x: tensor<3xf32>) {
  // expected-error@+1 {{expects a shape that broadcasts to 'tensor<3xf32>', but got 'tensor<1x3xf32>'}}
  %0 = weir.sum_to %x : tensor<3xf32> -> tensor<1x3xf32>
  return
}

// -----

// C2
func.func @size(%x: tensor<4x3xf32>) {
  // expected-error@+1 {{expects a shape that broadcasts to 'tensor<4x3xf32>', but got 'tensor<2x3xf32>'}}
  %0 = weir.sum_to %x : tensor<4x3xf32> -> tensor<2x3xf32>
  return
}
