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

// -----

// The gradients of the two halves of a concat: one relu_grad on the whole, of which slices are taken. Not where it is done
// to one half only, nor where the halves change places.
// CHECK-LABEL: func.func @parts
// CHECK: weir.relu_grad %{{.*}}, %{{.*}} : tensor<1x3x3x6xf32>
// CHECK: weir.slice %{{.*}} {begin = 0 : i64, end = 4 : i64}
// CHECK: weir.slice %{{.*}} {begin = 4 : i64, end = 6 : i64}
// CHECK-NOT: relu_grad
func.func @parts(%x: tensor<9x4xf32>, %y: tensor<9x2xf32>, %dz: tensor<1x3x3x6xf32>) -> (tensor<1x3x3x6xf32>, tensor<1x3x3x4xf32>, tensor<1x3x3x2xf32>) {
  %0 = weir.relu %x : tensor<9x4xf32>
  %1 = weir.view %0 : tensor<9x4xf32> -> tensor<1x3x3x4xf32>
  %2 = weir.relu %y : tensor<9x2xf32>
  %3 = weir.view %2 : tensor<9x2xf32> -> tensor<1x3x3x2xf32>
  %z = weir.concat %1, %3 : (tensor<1x3x3x4xf32>, tensor<1x3x3x2xf32>) -> tensor<1x3x3x6xf32>
  %4 = weir.slice %dz {begin = 0 : i64, end = 4 : i64} : (tensor<1x3x3x6xf32>) -> tensor<1x3x3x4xf32>
  %5 = weir.slice %dz {begin = 4 : i64, end = 6 : i64} : (tensor<1x3x3x6xf32>) -> tensor<1x3x3x2xf32>
  %6 = weir.relu_grad %3, %5 : tensor<1x3x3x2xf32>
  %7 = weir.relu_grad %1, %4 : tensor<1x3x3x4xf32>
  return %z, %7, %6 : tensor<1x3x3x6xf32>, tensor<1x3x3x4xf32>, tensor<1x3x3x2xf32>
}
// CHECK-LABEL: func.func @half
// CHECK: weir.relu_grad %{{.*}}, %{{.*}} : tensor<1x4xf32>
func.func @half(%x: tensor<1x4xf32>, %y: tensor<1x2xf32>, %dz: tensor<1x6xf32>) -> (tensor<1x6xf32>, tensor<1x4xf32>) {
  %z = weir.concat %x, %y : (tensor<1x4xf32>, tensor<1x2xf32>) -> tensor<1x6xf32>
  %0 = weir.slice %dz {begin = 0 : i64, end = 4 : i64} : (tensor<1x6xf32>) -> tensor<1x4xf32>
  %1 = weir.relu_grad %x, %0 : tensor<1x4xf32>
  return %z, %1 : tensor<1x6xf32>, tensor<1x4xf32>
}
// CHECK-LABEL: func.func @crossed
// CHECK-COUNT-2: weir.relu_grad %{{.*}}, %{{.*}} : tensor<1x3xf32>
func.func @crossed(%x: tensor<1x3xf32>, %y: tensor<1x3xf32>, %dz: tensor<1x6xf32>) -> (tensor<1x6xf32>, tensor<1x3xf32>, tensor<1x3xf32>) {
  %z = weir.concat %x, %y : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x6xf32>
  %0 = weir.slice %dz {begin = 0 : i64, end = 3 : i64} : (tensor<1x6xf32>) -> tensor<1x3xf32>
  %1 = weir.slice %dz {begin = 3 : i64, end = 6 : i64} : (tensor<1x6xf32>) -> tensor<1x3xf32>
  %2 = weir.relu_grad %x, %1 : tensor<1x3xf32>
  %3 = weir.relu_grad %y, %0 : tensor<1x3xf32>
  return %z, %2, %3 : tensor<1x6xf32>, tensor<1x3xf32>, tensor<1x3xf32>
}

// -----

// A mask behind the gradient through windows stays with the image, and so does what is made again for it, though that is made
// of a product's result; behind a product's gradient both are computed on rows.
// CHECK-LABEL: func.func @masks
// CHECK: weir.kernel "depthwise_input_grad_batch_norm_relu6_grad_f32_2x6x6x8"
// CHECK: weir.kernel "dense_input_grad_batch_norm_relu6_grad_f32_72x4x8"
// CHECK-NOT: weir.kernel
func.func @masks(%p: tensor<72x8xf32>, %q: tensor<2x6x6x8xf32>, %c: tensor<8xf32>, %w: tensor<3x3x8xf32>, %dy: tensor<2x6x6x8xf32>, %v: tensor<8x4xf32>, %dz: tensor<72x4xf32>) -> (tensor<2x6x6x8xf32>, tensor<2x6x6x8xf32>) {
  %x = weir.view %p : tensor<72x8xf32> -> tensor<2x6x6x8xf32>
  %n = weir.batch_norm %x, %c, %c, %c, %c {training = true, weir.recomputed} : (tensor<2x6x6x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x6x6x8xf32>
  %dx = weir.depthwise_input_grad %dy, %w {padding = array<i64: 1>} : (tensor<2x6x6x8xf32>, tensor<3x3x8xf32>) -> tensor<2x6x6x8xf32>
  %0 = weir.relu6_grad %n, %dx : tensor<2x6x6x8xf32>
  %m = weir.batch_norm %q, %c, %c, %c, %c {training = true, weir.recomputed} : (tensor<2x6x6x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x6x6x8xf32>
  %da = weir.dense_input_grad %dz, %v : (tensor<72x4xf32>, tensor<8x4xf32>) -> tensor<72x8xf32>
  %db = weir.view %da : tensor<72x8xf32> -> tensor<2x6x6x8xf32>
  %1 = weir.relu6_grad %m, %db : tensor<2x6x6x8xf32>
  return %0, %1 : tensor<2x6x6x8xf32>, tensor<2x6x6x8xf32>
}
