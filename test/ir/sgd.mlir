// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// w - 0.5 * g; the velocity is the gradient.
// CHECK: plain: 0.75 -4
// CHECK-NEXT: plain: 0.5 4
func.func @plain(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                 %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                 %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                 %velocity: tensor<2xf32> {weir.value = dense<[2.0, 1.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>) {
  %0:2 = weir.sgd %w, %g, %lr, %velocity : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}

// v = 0.5 * [2 1] + g = [1.5 4.5]
// CHECK-NEXT: momentum: 0.25 -4.25
// CHECK-NEXT: momentum: 1.5 4.5
func.func @momentum(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                    %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                    %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                    %velocity: tensor<2xf32> {weir.value = dense<[2.0, 1.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>) {
  %0:2 = weir.sgd %w, %g, %lr, %velocity {momentum = 0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}

// g + 0.5 * v = [1.25 6.25]
// CHECK-NEXT: nesterov: 0.375 -5.125
// CHECK-NEXT: nesterov: 1.5 4.5
func.func @nesterov(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                    %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                    %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                    %velocity: tensor<2xf32> {weir.value = dense<[2.0, 1.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>) {
  %0:2 = weir.sgd %w, %g, %lr, %velocity {momentum = 0.5, nesterov = true} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}

// -----

// C1
func.func @momentum(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %velocity: tensor<2xf32>) {
  // expected-error@+1 {{'sgd' expects a value from 0 to below 1 for 'momentum', but got 1}}
  %0:2 = weir.sgd %w, %g, %lr, %velocity {momentum = 1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C2
func.func @nesterov(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %velocity: tensor<2xf32>) {
  // expected-error@+1 {{'sgd' expects a momentum above 0 for nesterov, but got 0}}
  %0:2 = weir.sgd %w, %g, %lr, %velocity {nesterov = true} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @gradient(%w: tensor<2xf32>, %g: tensor<3xf32>, %lr: tensor<f32>, %velocity: tensor<2xf32>) {
  // expected-error@+1 {{'sgd' expects 'gradient' of the weight's type 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0:2 = weir.sgd %w, %g, %lr, %velocity : (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}

// -----

// C0
func.func @weight_decay(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %velocity: tensor<2xf32>) {
  // expected-error@+1 {{'sgd' expects a value of at least 0 for 'weight_decay', but got -1}}
  %0:2 = weir.sgd %w, %g, %lr, %velocity {weight_decay = -1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return
}
