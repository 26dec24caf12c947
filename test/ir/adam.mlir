// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// The second step (counter 1): m = 0.5 * [1 0] + 0.5 * g = [0.75 2], v = 0.5 * [0.75 8] + 0.5 * g^2 = [0.5 12]; both are
// divided by 1 - 0.5^2 = 0.75: w - 0.5 * [1 2.666667] / ([0.816497 4] + 0.5)
// CHECK: adam: 0.620204 -2.2963
// CHECK-NEXT: adam: 0.75 2
// CHECK-NEXT: adam: 0.5 12
func.func @adam(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                %counter: tensor<3xi32> {weir.value = dense<[0, 0, 1]> : tensor<3xi32>},
                %m: tensor<2xf32> {weir.value = dense<[1.0, 0.0]> : tensor<2xf32>},
                %v: tensor<2xf32> {weir.value = dense<[0.75, 8.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0:3 = weir.adam %w, %g, %lr, %counter, %m, %v {beta1 = 0.5, beta2 = 0.5, epsilon = 0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1, %0#2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// The first step from nothing goes lr * sign(g) far, whatever the betas.
// CHECK-NEXT: defaults: 0.5 -2.5
// CHECK-NEXT: defaults: 0.05 0.4
// CHECK-NEXT: defaults: 0.00025 0.016
func.func @defaults(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                    %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                    %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                    %counter: tensor<3xi32> {weir.value = dense<[0, 0, 0]> : tensor<3xi32>},
                    %m: tensor<2xf32> {weir.value = dense<[0.0, 0.0]> : tensor<2xf32>},
                    %v: tensor<2xf32> {weir.value = dense<[0.0, 0.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0:3 = weir.adam %w, %g, %lr, %counter, %m, %v : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1, %0#2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// -----

// C1
func.func @beta1(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adam' expects a value from 0 to below 1 for 'beta1', but got 1}}
  %0:3 = weir.adam %w, %g, %lr, %counter, %m, %v {beta1 = 1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C1
func.func @beta2(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adam' expects a value from 0 to below 1 for 'beta2', but got -}}
  %0:3 = weir.adam %w, %g, %lr, %counter, %m, %v {beta2 = -0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C2
func.func @epsilon(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adam' expects a positive value for 'epsilon', but got 0}}
  %0:3 = weir.adam %w, %g, %lr, %counter, %m, %v {epsilon = 0.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @rate(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<1xf32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adam' expects 'learning_rate' to be a scalar, but got 'tensor<1xf32>'}}
  %0:3 = weir.adam %w, %g, %lr, %counter, %m, %v : (tensor<2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @counter(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<2xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adam' expects 'counter' of three words, but got 'tensor<2xi32>'}}
  %0:3 = weir.adam %w, %g, %lr, %counter, %m, %v : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @gradient(%w: tensor<2xf32>, %g: tensor<3xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>) {
  // expected-error@+1 {{'adam' expects 'gradient' of the weight's type 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0:3 = weir.adam %w, %g, %lr, %counter, %m, %v : (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return
}
