// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Same values, same order; unlike a reshape, the batch may go.
// CHECK: view: 1 2 3 4 5 6 7 8 9 10 11 12
func.func @view(%x: tensor<2x2x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]], [[[7.0], [8.0], [9.0]], [[10.0], [11.0], [12.0]]]]> : tensor<2x2x3x1xf32>}) -> tensor<3x4xf32> {
  %0 = weir.view %x : tensor<2x2x3x1xf32> -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

// C1
func.func @count(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{expects as many elements as 'tensor<2x3xf32>' has, but got 'tensor<7xf32>'}}
  %0 = weir.view %x : tensor<2x3xf32> -> tensor<7xf32>
  return
}
