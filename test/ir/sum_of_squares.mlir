// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// 1 + 4 + 9 + 16; and of a scalar.
// CHECK: sum_of_squares: 30
// CHECK-NEXT: sum_of_squares: 9
func.func @sum_of_squares(%x: tensor<2x2xf32> {weir.value = dense<[[1.0, -2.0], [3.0, -4.0]]> : tensor<2x2xf32>},
                          %s: tensor<f32> {weir.value = dense<3.0> : tensor<f32>}) -> (tensor<f32>, tensor<f32>) {
  %0 = weir.sum_of_squares %x : (tensor<2x2xf32>) -> tensor<f32>
  %1 = weir.sum_of_squares %s : (tensor<f32>) -> tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}

// -----

// The result is a scalar.
func.func @result(%x: tensor<2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<f32>' are incompatible with return type(s)}}
  %0 = weir.sum_of_squares %x : (tensor<2xf32>) -> tensor<1xf32>
  return
}
