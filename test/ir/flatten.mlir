// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Row-major order within an image; the batch stays.
// CHECK: flatten: 1 2 3 4 5 6 7 8 9 10 11 12
func.func @flatten(%x: tensor<2x2x3x1xf32> {weir.value = dense<[[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]], [[[7.0], [8.0], [9.0]], [[10.0], [11.0], [12.0]]]]> : tensor<2x2x3x1xf32>}) -> tensor<2x6xf32> {
  %0 = weir.flatten %x : (tensor<2x2x3x1xf32>) -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}

// -----

// C1
func.func @vector(%x: tensor<6xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'flatten' expects a batch of images, but got 6}}
  %0 = weir.flatten %x : (tensor<6xf32>) -> tensor<1x6xf32>
  return
}

// -----

// C1: and the images are not empty.
func.func @empty(%x: tensor<0x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'flatten' expects a batch of images, but got 0x3}}
  %0 = weir.flatten %x : (tensor<0x3xf32>) -> tensor<0x3xf32>
  return
}

// -----

// The batch is not flattened away.
func.func @batch(%x: tensor<2x3x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<2x3xf32>' are incompatible}}
  %0 = weir.flatten %x : (tensor<2x3x1xf32>) -> tensor<1x6xf32>
  return
}
