// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Without momentum decay mu is 0.5 * (1 - 1/2) = 0.25 at all steps. The second step, product before it 0.5:
// p = 0.125; m = [0.75 2]; the step is (0.25 * m / (1 - 0.03125) + 0.75 * g / 0.875) / (sqrt(v / 0.75) + 0.5).
// CHECK: nadam: 0.763721 -2.4383
// CHECK-NEXT: nadam: 0.75 2
// CHECK-NEXT: nadam: 0.5 12
// CHECK-NEXT: nadam: 0.125
func.func @nadam(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                 %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                 %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                 %counter: tensor<3xi32> {weir.value = dense<[0, 0, 1]> : tensor<3xi32>},
                 %m: tensor<2xf32> {weir.value = dense<[1.0, 0.0]> : tensor<2xf32>},
                 %v: tensor<2xf32> {weir.value = dense<[0.75, 8.0]> : tensor<2xf32>},
                 %p: tensor<f32> {weir.value = dense<0.5> : tensor<f32>})
    -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) {
  %0:4 = weir.nadam %w, %g, %lr, %counter, %m, %v, %p {beta1 = 0.5, beta2 = 0.5, epsilon = 0.5, momentum_decay = 0.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>)
  return %0#0, %0#1, %0#2, %0#3 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>
}

// With momentum decay 1, mu(2) = 0.5 * (1 - 0.9216 / 2) = 0.2696 and mu(3) = 0.5 * (1 - 0.884736 / 2) = 0.278816.
// CHECK-NEXT: decay: 0.757167 -2.43958
// CHECK-NEXT: decay: 0.75 2
// CHECK-NEXT: decay: 0.5 12
// CHECK-NEXT: decay: 0.1348
func.func @decay(%w: tensor<2xf32> {weir.value = dense<[1.0, -2.0]> : tensor<2xf32>},
                 %g: tensor<2xf32> {weir.value = dense<[0.5, 4.0]> : tensor<2xf32>},
                 %lr: tensor<f32> {weir.value = dense<0.5> : tensor<f32>},
                 %counter: tensor<3xi32> {weir.value = dense<[0, 0, 1]> : tensor<3xi32>},
                 %m: tensor<2xf32> {weir.value = dense<[1.0, 0.0]> : tensor<2xf32>},
                 %v: tensor<2xf32> {weir.value = dense<[0.75, 8.0]> : tensor<2xf32>},
                 %p: tensor<f32> {weir.value = dense<0.5> : tensor<f32>})
    -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) {
  %0:4 = weir.nadam %w, %g, %lr, %counter, %m, %v, %p {beta1 = 0.5, beta2 = 0.5, epsilon = 0.5, momentum_decay = 1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>)
  return %0#0, %0#1, %0#2, %0#3 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>
}

// -----

// C1
func.func @beta1(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>, %p: tensor<f32>) {
  // expected-error@+1 {{'nadam' expects a value from 0 to below 1 for 'beta1', but got 1}}
  %0:4 = weir.nadam %w, %g, %lr, %counter, %m, %v, %p {beta1 = 1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>)
  return
}

// -----

// C1
func.func @beta2(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>, %p: tensor<f32>) {
  // expected-error@+1 {{'nadam' expects a value from 0 to below 1 for 'beta2', but got -}}
  %0:4 = weir.nadam %w, %g, %lr, %counter, %m, %v, %p {beta2 = -0.5} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>)
  return
}

// -----

// C2
func.func @epsilon(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>, %p: tensor<f32>) {
  // expected-error@+1 {{'nadam' expects a positive value for 'epsilon', but got 0}}
  %0:4 = weir.nadam %w, %g, %lr, %counter, %m, %v, %p {epsilon = 0.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>)
  return
}

// -----

// C3
func.func @momentum_decay(%w: tensor<2xf32>, %g: tensor<2xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>, %p: tensor<f32>) {
  // expected-error@+1 {{'nadam' expects a value of at least 0 for 'momentum_decay', but got -}}
  %0:4 = weir.nadam %w, %g, %lr, %counter, %m, %v, %p {momentum_decay = -1.0} : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>)
  return
}

// -----

// C0
func.func @gradient(%w: tensor<2xf32>, %g: tensor<3xf32>, %lr: tensor<f32>, %counter: tensor<3xi32>, %m: tensor<2xf32>, %v: tensor<2xf32>, %p: tensor<f32>) {
  // expected-error@+1 {{'nadam' expects 'gradient' of the weight's type 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0:4 = weir.nadam %w, %g, %lr, %counter, %m, %v, %p : (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<3xi32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<f32>)
  return
}
