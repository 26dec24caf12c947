// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// s = [0.25 9]; u = g * sqrt(d + 0.25) / sqrt(s + 0.25) = [0.5 4] * [0.866025 2] / [0.707107 3.041381];
// d = 0.5 * [0.5 3.75] + 0.5 * u^2
// CHECK: adadelta: 0.693814 -3.31519
// CHECK-NEXT: adadelta: 0.25 9
// CHECK-NEXT: adadelta: 0.4375 5.33446
func.func @adadelta(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                    %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                    %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                    %square_average: tensor<2xf32> {weir.value = dense<[0.25, 2.0]> : tensor<2xf32>},
                    %delta_average: tensor<2xf32> {weir.value = dense<[0.5, 3.75]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0:3 = weir.adadelta %w, %g, %lr, %square_average, %delta_average {epsilon = 0.25, rho = 0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1, %0#2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// -----

// C1
func.func @rho(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %square_average: tensor<2xf32>, %delta_average: tensor<2xf32>) {
  // expected-error@+1 {{'adadelta' expects a value from 0 to below 1 for 'rho', but got 1}}
  %0:3 = weir.adadelta %w, %g, %lr, %square_average, %delta_average {rho = 1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C2
func.func @epsilon(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %square_average: tensor<2xf32>, %delta_average: tensor<2xf32>) {
  // expected-error@+1 {{'adadelta' expects a positive value for 'epsilon', but got 0}}
  %0:3 = weir.adadelta %w, %g, %lr, %square_average, %delta_average {epsilon = 0.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @gradient(%w: tensor<2xf32>, %g: tensor<3xf32>, %lr: tensor<f32>, %square_average: tensor<2xf32>, %delta_average: tensor<2xf32>) {
  // expected-error@+1 {{'adadelta' expects 'gradient' of the weight's type 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0:3 = weir.adadelta %w, %g, %lr, %square_average, %delta_average : (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}
