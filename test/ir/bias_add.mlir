// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// One number a channel, whatever stands before the channels.
// CHECK: bias_add: 11 22 33 14 25 36
// CHECK-NEXT: bias_add: 11 22 33 14 25 36
func.func @bias_add(%x: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                    %b: tensor<3xf32> {weir.value = dense<[10.0, 20.0, 30.0]> : tensor<3xf32>})
    -> (tensor<2x3xf32>, tensor<1x1x2x3xf32>) {
  %0 = weir.bias_add %x, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %image = weir.view %x : tensor<2x3xf32> -> tensor<1x1x2x3xf32>
  %1 = weir.bias_add %image, %b : (tensor<1x1x2x3xf32>, tensor<3xf32>) -> tensor<1x1x2x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<1x1x2x3xf32>
}

// -----

// C1
func.func @rank(%x: tensor<3xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'bias_add' expects a batch of values with channels, but got 3}}
  %0 = weir.bias_add %x, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

// C2
func.func @bias(%x: tensor<2x3xf32>, %b: tensor<2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'bias_add' expects a bias of 3, but got 2}}
  %0 = weir.bias_add %x, %b : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}
