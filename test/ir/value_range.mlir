// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: all: -3
// CHECK-NEXT: all: 5
// CHECK-NEXT: channels: -3 2
// CHECK-NEXT: channels: 1 5
func.func @all(%x: tensor<2x2xf32> {weir.value = dense<[[1.0, 5.0], [-3.0, 2.0]]> : tensor<2x2xf32>}) -> (tensor<f32>, tensor<f32>) {
  %0, %1 = weir.value_range %x : (tensor<2x2xf32>) -> (tensor<f32>, tensor<f32>)
  return %0, %1 : tensor<f32>, tensor<f32>
}
func.func @channels(%x: tensor<2x2xf32> {weir.value = dense<[[1.0, 5.0], [-3.0, 2.0]]> : tensor<2x2xf32>}) -> (tensor<2xf32>, tensor<2xf32>) {
  %0, %1 = weir.value_range %x {per_channel = true} : (tensor<2x2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// -----

// C1
func.func @scalar(%x: tensor<f32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'value_range' expects values with channels, but got a scalar}}
  %0, %1 = weir.value_range %x {per_channel = true} : (tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return
}
