// RUN: weir-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @minimize
// CHECK: weir.minimize %{{.*}} with "adam" {beta1 = 8.000000e-01 : f64} at %{{.*}}(%{{.*}}) : tensor<f32>, tensor<3xi32>(tensor<f32>)
func.func @minimize(%loss: tensor<f32>, %counter: tensor<3xi32>, %rate: tensor<f32>) {
  weir.minimize %loss with "adam" {beta1 = 0.8} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}

// -----

// C1
func.func @loss(%loss: tensor<1xf32>, %counter: tensor<3xi32>, %rate: tensor<f32>) {
  // expected-error@+1 {{expects a scalar loss, but got 'tensor<1xf32>'}}
  weir.minimize %loss with "adam" {} at %counter (%rate) : tensor<1xf32>, tensor<3xi32> (tensor<f32>)
  return
}

// -----

// C2: no such op
func.func @unknown(%loss: tensor<f32>, %counter: tensor<3xi32>, %rate: tensor<f32>) {
  // expected-error@+1 {{expects the name of an optimizer, but got 'adamax'}}
  weir.minimize %loss with "adamax" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}

// -----

// C2: an op, but no optimizer
func.func @layer(%loss: tensor<f32>, %counter: tensor<3xi32>, %rate: tensor<f32>) {
  // expected-error@+1 {{expects the name of an optimizer, but got 'dense'}}
  weir.minimize %loss with "dense" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}

// -----

// C3
func.func @runtime(%loss: tensor<f32>, %counter: tensor<3xi32>, %rate: tensor<f32>) {
  // expected-error@+1 {{expects as many scalars as 'adam' takes (1), but got 2}}
  weir.minimize %loss with "adam" {} at %counter (%rate, %rate) : tensor<f32>, tensor<3xi32> (tensor<f32>, tensor<f32>)
  return
}

// -----

// C4: nadam has momentum_decay, adam has not.
func.func @option(%loss: tensor<f32>, %counter: tensor<3xi32>, %rate: tensor<f32>) {
  // expected-error@+1 {{expects options of 'adam', but got "momentum_decay"}}
  weir.minimize %loss with "adam" {momentum_decay = 1.0} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}

// -----

// C4: an operand is no option.
func.func @operand(%loss: tensor<f32>, %counter: tensor<3xi32>, %rate: tensor<f32>) {
  // expected-error@+1 {{expects options of 'adam', but got "learning_rate"}}
  weir.minimize %loss with "adam" {learning_rate = 1.0} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}
