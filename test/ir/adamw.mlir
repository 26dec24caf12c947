// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// As adam, from weights that are smaller by 0.5 * 0.25 = 1/8: [0.875 -1.75].
// CHECK: adamw: 0.495204 -2.0463
// CHECK-NEXT: adamw: 0.75 2
// CHECK-NEXT: adamw: 0.5 12
func.func @adamw(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                 %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                 %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                 %counter: tensor<3xi32> {weir.value = dense<[0, 0, 1]> : tensor<3xi32>},
                 %m: tensor<2xf32> {weir.value = dense<[1.0, 0.0]> : tensor<2xf32>},
                 %v: tensor<2xf32> {weir.value = dense<[0.75, 8.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0:3 = weir.adamw %w, %g, %lr, %counter, %m, %v {beta1 = 0.5, beta2 = 0.5, epsilon = 0.5, weight_decay = 0.25} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1, %0#2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// -----

// C1
func.func @beta1(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adamw' expects a value from 0 to below 1 for 'beta1', but got 1}}
  %0:3 = weir.adamw %w, %g, %lr, %counter, %m, %v {beta1 = 1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C1
func.func @beta2(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adamw' expects a value from 0 to below 1 for 'beta2', but got -}}
  %0:3 = weir.adamw %w, %g, %lr, %counter, %m, %v {beta2 = -0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C2
func.func @epsilon(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adamw' expects a positive value for 'epsilon', but got 0}}
  %0:3 = weir.adamw %w, %g, %lr, %counter, %m, %v {epsilon = 0.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @weight_decay(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adamw' expects a value of at least 0 for 'weight_decay', but got -}}
  %0:3 = weir.adamw %w, %g, %lr, %counter, %m, %v {weight_decay = -0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @gradient(%w: tensor<2xf32>, %g: tensor<3xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adamw' expects 'gradient' of the weight's type 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0:3 = weir.adamw %w, %g, %lr, %counter, %m, %v : (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}
