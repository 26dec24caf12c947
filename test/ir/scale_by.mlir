// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// All values times the one.
// CHECK: scale_by: 0.25 -0.5 1
func.func @scale_by(%x: tensor<3xf32> {weir.value = dense<[1.0, -2.0, 4.0]> : tensor<3xf32>},
                    %f: tensor<f32> {weir.value = dense<0.25> : tensor<f32>}) -> tensor<3xf32> {
  %0 = weir.scale_by %x, %f : tensor<3xf32>, tensor<f32>
  return %0 : tensor<3xf32>
}

// -----

// C1
func.func @factor(%x: tensor<3xf32>, %f: tensor<3xf32>) {
  // expected-error@+1 {{expects a scalar factor, but got 'tensor<3xf32>'}}
  %0 = weir.scale_by %x, %f : tensor<3xf32>, tensor<3xf32>
  return
}
