// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// s = 0.5 * [0.25 2] + 0.5 * [0.25 16] = [0.25 9]; w - 0.5 * g / ([0.5 3] + 0.5)
// CHECK: rmsprop: 0.75 -2.57143
// CHECK-NEXT: rmsprop: 0.25 9
func.func @rmsprop(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                   %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                   %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                   %square_average: tensor<2xf32> {weir.value = dense<[0.25, 2.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>) {
  %0:2 = weir.rmsprop %w, %g, %lr, %square_average {epsilon = 0.5, rho = 0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}

// -----

// C1
func.func @rho(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %square_average: tensor<2xf32>) {
  // expected-error@+1 {{'rmsprop' expects a value from 0 to below 1 for 'rho', but got -}}
  %0:2 = weir.rmsprop %w, %g, %lr, %square_average {rho = -0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C2
func.func @epsilon(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %square_average: tensor<2xf32>) {
  // expected-error@+1 {{'rmsprop' expects a positive value for 'epsilon', but got -}}
  %0:2 = weir.rmsprop %w, %g, %lr, %square_average {epsilon = -1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @gradient(%w: tensor<2xf32>, %g: tensor<3xf32>, %lr: tensor<f32>, %square_average: tensor<2xf32>) {
  // expected-error@+1 {{'rmsprop' expects 'gradient' of the weight's type 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0:2 = weir.rmsprop %w, %g, %lr, %square_average : (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}
