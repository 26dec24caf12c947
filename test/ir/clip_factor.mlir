// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// A norm of 4 against a limit of 2, one of 1, and none at all.
// CHECK: clip_factor: 0.5
// CHECK-NEXT: clip_factor: 1
// CHECK-NEXT: clip_factor: 1
func.func @clip_factor(%x: tensor<f32> {weir.value = dense<16.0> : tensor<f32>},
                       %y: tensor<f32> {weir.value = dense<1.0> : tensor<f32>},
                       %z: tensor<f32> {weir.value = dense<0.0> : tensor<f32>})
    -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = weir.clip_factor %x {limit = 2.0} : tensor<f32>
  %1 = weir.clip_factor %y {limit = 2.0} : tensor<f32>
  %2 = weir.clip_factor %z {limit = 2.0} : tensor<f32>
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>
}

// -----

// C1
func.func @limit(%x: tensor<f32>) {
  // expected-error@+1 {{expects a limit above 0, but got 0}}
  %0 = weir.clip_factor %x {limit = 0.0} : tensor<f32>
  return
}
