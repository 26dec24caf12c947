// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: fill: -2.5 -2.5 -2.5
// CHECK-NEXT: fill: 7
func.func @fill() -> (tensor<3x1xf32>, tensor<f32>) {
  %0 = weir.fill -2.5 : tensor<3x1xf32>
  %1 = weir.fill 7.0 : tensor<f32>
  return %0, %1 : tensor<3x1xf32>, tensor<f32>
}

// -----

func.func @integer() {
  // expected-error@+1 {{result #0 must be}}
  %0 = weir.fill 1.0 : tensor<3xi32>
  return
}
