// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// s = [2 9] + g^2 = [2.25 25]; w - 0.5 * g / ([1.5 5] + 0.5)
// CHECK: adagrad: 0.875 -2.36364
// CHECK-NEXT: adagrad: 2.25 25
func.func @adagrad(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                   %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                   %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                   %square_sum: tensor<2xf32> {weir.value = dense<[2.0, 9.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>) {
  %0:2 = weir.adagrad %w, %g, %lr, %square_sum {epsilon = 0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}

// -----

// C1
func.func @epsilon(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %square_sum: tensor<2xf32>) {
  // expected-error@+1 {{'adagrad' expects a positive value for 'epsilon', but got 0}}
  %0:2 = weir.adagrad %w, %g, %lr, %square_sum {epsilon = 0.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @gradient(%w: tensor<2xf32>, %g: tensor<3xf32>, %lr: tensor<f32>, %square_sum: tensor<2xf32>) {
  // expected-error@+1 {{'adagrad' expects 'gradient' of the weight's type 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0:2 = weir.adagrad %w, %g, %lr, %square_sum : (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}
