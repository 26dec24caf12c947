// RUN: weir-opt %s --simplify | FileCheck %s

weir.variable @w : tensor<3xf32> {init = {kind = "zeros"}, kind = "parameter"}

// Inference: dropout without a counter is the identity, and so is a rate of 0.
// CHECK-LABEL: func.func @dropout
// CHECK-NEXT: %[[KEPT:.*]] = weir.dropout %arg0, %arg1 {rate = 2.500000e-01 : f64}
// CHECK-NEXT: return %arg0, %arg0, %[[KEPT]]
func.func @dropout(%x: tensor<7xf32>, %counter: tensor<3xi32>) -> (tensor<7xf32>, tensor<7xf32>, tensor<7xf32>) {
  %0 = weir.dropout %x {rate = 0.5} : (tensor<7xf32>) -> tensor<7xf32>
  %1 = weir.dropout %x, %counter {rate = 0.0} : (tensor<7xf32>, tensor<3xi32>) -> tensor<7xf32>
  %2 = weir.dropout %x, %counter {rate = 0.25} : (tensor<7xf32>, tensor<3xi32>) -> tensor<7xf32>
  return %0, %1, %2 : tensor<7xf32>, tensor<7xf32>, tensor<7xf32>
}

// Checked once, flatten and reshape are aliases; those in a row become one, and one that changes nothing none.
// CHECK-LABEL: func.func @views
// CHECK-NEXT: %[[VIEW:.*]] = weir.view %arg0 : tensor<3x2x2x1xf32> -> tensor<3x1x4xf32>
// CHECK-NEXT: return %[[VIEW]], %arg1
func.func @views(%image: tensor<3x2x2x1xf32>, %row: tensor<3x7xf32>) -> (tensor<3x1x4xf32>, tensor<3x7xf32>) {
  %0 = weir.flatten %image : (tensor<3x2x2x1xf32>) -> tensor<3x4xf32>
  %1 = weir.reshape %0 {shape = array<i64: 1, -1>} : (tensor<3x4xf32>) -> tensor<3x1x4xf32>
  %2 = weir.flatten %row : (tensor<3x7xf32>) -> tensor<3x7xf32>
  return %1, %2 : tensor<3x1x4xf32>, tensor<3x7xf32>
}

// Equal ops are computed once, unused ones not at all.
// CHECK-LABEL: func.func @common
// CHECK-NEXT: %[[ONE:.*]] = weir.relu %arg0
// CHECK-NEXT: %[[SUM:.*]] = weir.add %[[ONE]], %[[ONE]]
// CHECK-NEXT: return %[[SUM]]
func.func @common(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = weir.relu %x : tensor<3xf32>
  %1 = weir.relu %x : tensor<3xf32>
  %unused = weir.tanh %x : tensor<3xf32>
  %2 = weir.add %0, %1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %2 : tensor<3xf32>
}

// Ops with other attributes are other ops.
// CHECK-LABEL: func.func @different
// CHECK: weir.gelu
// CHECK: weir.gelu
func.func @different(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %0 = weir.gelu %x : tensor<3xf32>
  %1 = weir.gelu %x {approximation = "tanh"} : tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// Two reads are one, unless an assignment stands between them; assignments stay.
// CHECK-LABEL: func.func @reads
// CHECK-NEXT: %[[OLD:.*]] = weir.read @w
// CHECK-NEXT: weir.assign @w, %arg0
// CHECK-NEXT: %[[NEW:.*]] = weir.read @w
// CHECK-NEXT: return %[[OLD]], %[[OLD]], %[[NEW]]
func.func @reads(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %0 = weir.read @w : tensor<3xf32>
  %1 = weir.read @w : tensor<3xf32>
  weir.assign @w, %x : tensor<3xf32>
  %2 = weir.read @w : tensor<3xf32>
  return %0, %1, %2 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// What is minimized is needed.
// CHECK-LABEL: func.func @minimized
// CHECK: %[[LOSS:.*]], %{{.*}} = weir.cross_entropy
// CHECK: weir.minimize %[[LOSS]]
func.func @minimized(%x: tensor<3x2xf32>, %label: tensor<3xi32>, %counter: tensor<3xi32>, %rate: tensor<f32>) {
  %0:2 = weir.cross_entropy %x, %label : (tensor<3x2xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<i32>)
  weir.minimize %0#0 with "adam" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)
  return
}
