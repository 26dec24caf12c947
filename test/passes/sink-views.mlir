// RUN: weir-opt %s --sink-views --form-groups --split-input-file | FileCheck %s

// A product seen as an image: what follows is computed in the product's loops.
// CHECK-LABEL: func.func @chain
// CHECK: %[[K:.*]] = weir.kernel "dense_relu_add_f32_18x4x8"
// CHECK: weir.view %[[K]] : tensor<18x8xf32> -> tensor<2x3x3x8xf32>
func.func @chain(%x: tensor<18x4xf32>, %w: tensor<4x8xf32>, %skip: tensor<2x3x3x8xf32>) -> tensor<2x3x3x8xf32> {
  %0 = weir.dense %x, %w {units = 8 : i64, use_bias = false} : (tensor<18x4xf32>, tensor<4x8xf32>) -> tensor<18x8xf32>
  %1 = weir.view %0 : tensor<18x8xf32> -> tensor<2x3x3x8xf32>
  %2 = weir.relu %1 : tensor<2x3x3x8xf32>
  %3 = weir.add %2, %skip : (tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>) -> tensor<2x3x3x8xf32>
  return %3 : tensor<2x3x3x8xf32>
}

// -----

// An update behind a gradient that is a matrix; the weight is written in place through the view.
// CHECK-LABEL: func.func @update
// CHECK: %[[W:.*]] = weir.view %{{.*}} : tensor<3x3x4x8xf32> -> tensor<36x8xf32>
// CHECK: %[[K:.*]]:2 = weir.kernel "dense_weight_grad_sgd
// CHECK-COUNT-2: weir.assign
weir.variable @w : tensor<3x3x4x8xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @v : tensor<3x3x4x8xf32> {init = {kind = "zeros"}, kind = "optimizer"}
func.func @update(%x: tensor<18x36xf32>, %dy: tensor<18x8xf32>, %rate: tensor<f32>) {
  %w = weir.read @w : tensor<3x3x4x8xf32>
  %v = weir.read @v : tensor<3x3x4x8xf32>
  %0 = weir.dense_weight_grad %x, %dy : (tensor<18x36xf32>, tensor<18x8xf32>) -> tensor<36x8xf32>
  %1 = weir.view %0 : tensor<36x8xf32> -> tensor<3x3x4x8xf32>
  %2:2 = weir.sgd %w, %1, %rate, %v : (tensor<3x3x4x8xf32>, tensor<3x3x4x8xf32>, tensor<f32>, tensor<3x3x4x8xf32>) -> (tensor<3x3x4x8xf32>, tensor<3x3x4x8xf32>)
  weir.assign @w, %2#0 : tensor<3x3x4x8xf32>
  weir.assign @v, %2#1 : tensor<3x3x4x8xf32>
  return
}

// -----

// A view that changes the channels stays where it is.
// CHECK-LABEL: func.func @channels
// CHECK: weir.kernel "dense_f32
// CHECK: weir.kernel "relu_f32
func.func @channels(%x: tensor<18x4xf32>, %w: tensor<4x8xf32>) -> tensor<2x3x6x4xf32> {
  %0 = weir.dense %x, %w {units = 8 : i64, use_bias = false} : (tensor<18x4xf32>, tensor<4x8xf32>) -> tensor<18x8xf32>
  %1 = weir.view %0 : tensor<18x8xf32> -> tensor<2x3x6x4xf32>
  %2 = weir.relu %1 : tensor<2x3x6x4xf32>
  return %2 : tensor<2x3x6x4xf32>
}
