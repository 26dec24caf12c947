// RUN: weir-opt %s --differentiate --split-input-file --verify-diagnostics | FileCheck %s

// The chain rule from the loss back to the parameters, then one update each, with state in variables of its own.
weir.variable @dense_1.weight : tensor<4x2xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @dense_1.bias : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter"}

// CHECK-LABEL: func.func @train
// CHECK: %[[W:.*]] = weir.read @dense_1.weight
// CHECK: %[[B:.*]] = weir.read @dense_1.bias
// CHECK: %[[Y:.*]] = weir.dense %arg0, %[[W]], %[[B]]
// CHECK: %[[LOSS:.*]], %{{.*}} = weir.cross_entropy %[[Y]], %arg1
// CHECK: %[[ONE:.*]] = weir.fill 1.0{{.*}} : tensor<f32>
// CHECK: %[[DY:.*]] = weir.cross_entropy_grad %[[Y]], %arg1, %[[ONE]]
// The image needs no gradient.
// CHECK-NOT: weir.dense_input_grad
// CHECK-DAG: %[[DW:.*]] = weir.dense_weight_grad %arg0, %[[DY]]
// CHECK-DAG: %[[DB:.*]] = weir.sum_to %[[DY]] : tensor<3x2xf32> -> tensor<2xf32>
// CHECK: %[[M:.*]] = weir.read @dense_1.weight.nadam.m
// CHECK: %[[V:.*]] = weir.read @dense_1.weight.nadam.v
// CHECK: %[[P:.*]] = weir.read @dense_1.weight.nadam.momentum_product
// CHECK: %[[NEW:.*]]:4 = weir.nadam %[[W]], %[[DW]], %arg2, %arg3, %[[M]], %[[V]], %[[P]] {beta1 = 8.000000e-01 : f64}
// CHECK-NEXT: weir.assign @dense_1.weight, %[[NEW]]#0
// CHECK-NEXT: weir.assign @dense_1.weight.nadam.m, %[[NEW]]#1
// CHECK-NEXT: weir.assign @dense_1.weight.nadam.v, %[[NEW]]#2
// CHECK-NEXT: weir.assign @dense_1.weight.nadam.momentum_product, %[[NEW]]#3
// CHECK: %[[NEWB:.*]]:4 = weir.nadam %[[B]], %[[DB]], %arg2, %arg3
// CHECK-NEXT: weir.assign @dense_1.bias, %[[NEWB]]#0
// CHECK-NOT: weir.minimize
// CHECK: return %[[LOSS]]
// CHECK: weir.variable @dense_1.weight.nadam.m : tensor<4x2xf32> {init = {kind = "constant", value = 0.0{{.*}}}, kind = "optimizer"}
// CHECK: weir.variable @dense_1.weight.nadam.momentum_product : tensor<f32> {init = {kind = "constant", value = 1.0{{.*}}}, kind = "optimizer"}
// CHECK: weir.variable @dense_1.bias.nadam.v : tensor<2xf32>
func.func @train(%x: tensor<3x4xf32>, %label: tensor<3xi32>, %rate: tensor<f32>, %counter: tensor<3xi32>) -> tensor<f32> {
  %w = weir.read @dense_1.weight : tensor<4x2xf32>
  %b = weir.read @dense_1.bias : tensor<2xf32>
  %y = weir.dense %x, %w, %b {units = 2 : i64} : (tensor<3x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  %loss, %correct = weir.cross_entropy %y, %label : (tensor<3x2xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<i32>)
  weir.minimize %loss with "nadam" {beta1 = 0.8} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return %loss : tensor<f32>
}

// -----

// A value that is used twice gets the sum of both gradients, and a parameter that is read twice one update.
weir.variable @w : tensor<3x3xf32> {init = {kind = "zeros"}, kind = "parameter"}

// CHECK-LABEL: func.func @shared
// CHECK: %[[LEFT:.*]] = weir.dense_weight_grad
// CHECK: %[[RIGHT:.*]] = weir.dense_weight_grad
// CHECK: %[[SUM:.*]] = weir.add %[[RIGHT]], %[[LEFT]]
// CHECK: weir.sgd %{{.*}}, %[[SUM]],
// CHECK-NOT: weir.sgd
// CHECK: return
func.func @shared(%x: tensor<2x3xf32>, %label: tensor<2xi32>, %rate: tensor<f32>, %counter: tensor<3xi32>) {
  %first = weir.read @w : tensor<3x3xf32>
  %second = weir.read @w : tensor<3x3xf32>
  %0 = weir.dense %x, %first {units = 3 : i64, use_bias = false} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x3xf32>
  %1 = weir.dense %0, %second {units = 3 : i64, use_bias = false} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x3xf32>
  %loss, %correct = weir.cross_entropy %1, %label : (tensor<2x3xf32>, tensor<2xi32>) -> (tensor<f32>, tensor<i32>)
  weir.minimize %loss with "sgd" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}

// -----

// Statistics are read, but not trained; a parameter that the loss does not depend on stays as it is.
weir.variable @scale : tensor<1x3xf32> {init = {kind = "ones"}, kind = "parameter"}
weir.variable @mean : tensor<1x3xf32> {init = {kind = "zeros"}, kind = "statistic"}
weir.variable @unused : tensor<1x3xf32> {init = {kind = "zeros"}, kind = "parameter"}

// CHECK-LABEL: func.func @kinds
// CHECK-NOT: weir.assign @mean
// CHECK-NOT: weir.assign @unused
// CHECK: weir.assign @scale,
// CHECK-NEXT: weir.assign @scale.sgd.velocity
// CHECK-NEXT: return
// CHECK-NOT: weir.variable @unused.
func.func @kinds(%x: tensor<2x3xf32>, %label: tensor<2xi32>, %rate: tensor<f32>, %counter: tensor<3xi32>) {
  %scale = weir.read @scale : tensor<1x3xf32>
  %mean = weir.read @mean : tensor<1x3xf32>
  %unused = weir.read @unused : tensor<1x3xf32>
  %0 = weir.add %x, %mean : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %1 = weir.mul %0, %scale : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %2 = weir.tanh %unused : tensor<1x3xf32>
  %loss, %correct = weir.cross_entropy %1, %label : (tensor<2x3xf32>, tensor<2xi32>) -> (tensor<f32>, tensor<i32>)
  weir.minimize %loss with "sgd" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}

// -----

// No rule on the way from a parameter to the loss: an error that names the op.
weir.variable @w : tensor<3xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @hole(%rate: tensor<f32>, %counter: tensor<3xi32>) {
  %w = weir.read @w : tensor<3xf32>
  // expected-error@+1 {{'sum_to' has no gradient rule}}
  %loss = weir.sum_to %w : tensor<3xf32> -> tensor<f32>
  // expected-note@+1 {{the loss that is minimized here depends on it}}
  weir.minimize %loss with "sgd" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}

// -----

// An op without a rule does no harm where no parameter stands behind it, or where the loss does not depend on it.
weir.variable @w : tensor<1x3xf32> {init = {kind = "zeros"}, kind = "parameter"}

// CHECK-LABEL: func.func @beside
// CHECK: weir.assign @w
func.func @beside(%x: tensor<2x3xf32>, %label: tensor<2xi32>, %rate: tensor<f32>, %counter: tensor<3xi32>) -> tensor<f32> {
  %w = weir.read @w : tensor<1x3xf32>
  %row = weir.sum_to %x : tensor<2x3xf32> -> tensor<1x3xf32>
  %0 = weir.add %x, %row : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %1 = weir.mul %0, %w : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %norm = weir.sum_to %w : tensor<1x3xf32> -> tensor<f32>
  %loss, %correct = weir.cross_entropy %1, %label : (tensor<2x3xf32>, tensor<2xi32>) -> (tensor<f32>, tensor<i32>)
  weir.minimize %loss with "sgd" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return %norm : tensor<f32>
}

// -----

// An option out of its range is found where the update is built.
weir.variable @w : tensor<1x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @option(%x: tensor<2x3xf32>, %label: tensor<2xi32>, %rate: tensor<f32>, %counter: tensor<3xi32>) {
  %w = weir.read @w : tensor<1x3xf32>
  %0 = weir.mul %x, %w : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %loss, %correct = weir.cross_entropy %0, %label : (tensor<2x3xf32>, tensor<2xi32>) -> (tensor<f32>, tensor<i32>)
  // expected-error@+1 {{'sgd' expects a value from 0 to below 1 for 'momentum', but got 2}}
  weir.minimize %loss with "sgd" {momentum = 2.0} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}
