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

// Of activations in a row the one stays that decides.
// CHECK-LABEL: func.func @activations
// CHECK-NEXT: %[[RELU:.*]] = weir.relu %arg0
// CHECK-NEXT: %[[CUT:.*]] = weir.relu6 %arg0
// CHECK-NEXT: %[[SIGMOID:.*]] = weir.sigmoid %arg0
// CHECK-NEXT: return %[[RELU]], %[[CUT]], %[[SIGMOID]]
func.func @activations(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %0 = weir.relu %x : tensor<3xf32>
  %1 = weir.relu %0 : tensor<3xf32>
  %2 = weir.relu6 %1 : tensor<3xf32>
  %3 = weir.relu6 %2 : tensor<3xf32>
  %4 = weir.sigmoid %x : tensor<3xf32>
  %5 = weir.relu %4 : tensor<3xf32>
  return %1, %3, %5 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// relu of relu6 is relu6, but relu6 of a tanh stays.
// CHECK-LABEL: func.func @other_activations
// CHECK: weir.tanh
// CHECK: weir.relu6
func.func @other_activations(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = weir.tanh %x : tensor<3xf32>
  %1 = weir.relu6 %0 : tensor<3xf32>
  return %1 : tensor<3xf32>
}

// Transposes meet through what is computed value by value, and cancel.
// CHECK-LABEL: func.func @transposes
// CHECK-NEXT: %[[GELU:.*]] = weir.gelu %arg0
// CHECK-NEXT: %[[SUM:.*]] = weir.add %[[GELU]], %arg1
// CHECK-NEXT: return %[[SUM]]
func.func @transposes(%x: tensor<2x3x4x5xf32>, %y: tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
  %0 = weir.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4x5xf32>) -> tensor<2x5x3x4xf32>
  %1 = weir.gelu %0 : tensor<2x5x3x4xf32>
  %2 = weir.transpose %y {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4x5xf32>) -> tensor<2x5x3x4xf32>
  %3 = weir.add %1, %2 : (tensor<2x5x3x4xf32>, tensor<2x5x3x4xf32>) -> tensor<2x5x3x4xf32>
  %4 = weir.transpose %3 {permutation = array<i64: 1, 2, 0>} : (tensor<2x5x3x4xf32>) -> tensor<2x3x4x5xf32>
  return %4 : tensor<2x3x4x5xf32>
}

// Two that do not cancel are one; where only sizes of one move, nothing does.
// CHECK-LABEL: func.func @transpose_once
// CHECK-NEXT: %[[ONE:.*]] = weir.transpose %arg0 {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
// CHECK-NEXT: %[[VIEW:.*]] = weir.view %arg1 : tensor<2x1x1x7xf32> -> tensor<2x7x1x1xf32>
// CHECK-NEXT: return %[[ONE]], %[[VIEW]]
func.func @transpose_once(%x: tensor<2x3x4x5xf32>, %y: tensor<2x1x1x7xf32>) -> (tensor<2x4x5x3xf32>, tensor<2x7x1x1xf32>) {
  %0 = weir.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4x5xf32>) -> tensor<2x5x3x4xf32>
  %1 = weir.transpose %0 {permutation = array<i64: 2, 0, 1>} : (tensor<2x5x3x4xf32>) -> tensor<2x4x5x3xf32>
  %2 = weir.transpose %y {permutation = array<i64: 2, 0, 1>} : (tensor<2x1x1x7xf32>) -> tensor<2x7x1x1xf32>
  return %1, %2 : tensor<2x4x5x3xf32>, tensor<2x7x1x1xf32>
}

// What runs along channels, and what draws numbers by place, stays behind its transpose.
// CHECK-LABEL: func.func @transpose_stays
// CHECK: weir.transpose
// CHECK: weir.bias_add
func.func @transpose_stays(%x: tensor<2x3x3x3xf32>, %b: tensor<3xf32>) -> tensor<2x3x3x3xf32> {
  %0 = weir.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x3x3xf32>) -> tensor<2x3x3x3xf32>
  %1 = weir.bias_add %0, %b : (tensor<2x3x3x3xf32>, tensor<3xf32>) -> tensor<2x3x3x3xf32>
  return %1 : tensor<2x3x3x3xf32>
}

// A border of zeros is the convolution's, one of another value is not.
// CHECK-LABEL: func.func @borders
// CHECK-NEXT: %[[CONV:.*]] = weir.conv2d %arg0, %arg1 {{.*}}padding = array<i64: 1, 2, 4, 6>
// CHECK-NEXT: %[[PAD:.*]] = weir.pad %arg0
// CHECK-NEXT: %[[OTHER:.*]] = weir.conv2d %[[PAD]]
// CHECK-NEXT: return %[[CONV]], %[[OTHER]]
func.func @borders(%x: tensor<1x5x5x2xf32>, %w: tensor<3x3x2x4xf32>) -> (tensor<1x6x13x4xf32>, tensor<1x5x5x4xf32>) {
  %0 = weir.pad %x {padding = array<i64: 0, 1, 2, 4>} : (tensor<1x5x5x2xf32>) -> tensor<1x6x11x2xf32>
  %1 = weir.conv2d %0, %w {filters = 4 : i64, kernel = array<i64: 3>, padding = array<i64: 1, 1, 2, 2>, use_bias = false} : (tensor<1x6x11x2xf32>, tensor<3x3x2x4xf32>) -> tensor<1x6x13x4xf32>
  %2 = weir.pad %x {padding = array<i64: 1>, value = 1.0} : (tensor<1x5x5x2xf32>) -> tensor<1x7x7x2xf32>
  %3 = weir.conv2d %2, %w {filters = 4 : i64, kernel = array<i64: 3>, use_bias = false} : (tensor<1x7x7x2xf32>, tensor<3x3x2x4xf32>) -> tensor<1x5x5x4xf32>
  return %1, %3 : tensor<1x6x13x4xf32>, tensor<1x5x5x4xf32>
}

// The mean of one value is that value.
// CHECK-LABEL: func.func @mean_of_one
// CHECK-NEXT: %[[VIEW:.*]] = weir.view %arg0 : tensor<2x1x1x7xf32> -> tensor<2x7xf32>
// CHECK-NEXT: return %[[VIEW]]
func.func @mean_of_one(%x: tensor<2x1x1x7xf32>) -> tensor<2x7xf32> {
  %0 = weir.global_avg_pool2d %x : (tensor<2x1x1x7xf32>) -> tensor<2x7xf32>
  return %0 : tensor<2x7xf32>
}

// Windows of one value are that value; a mean whose window is the whole image needs no places.
// CHECK-LABEL: func.func @windows
// CHECK-NEXT: %[[MEAN:.*]] = weir.global_avg_pool2d %arg0 : (tensor<2x5x3x4xf32>) -> tensor<2x4xf32>
// CHECK-NEXT: %[[VIEW:.*]] = weir.view %[[MEAN]] : tensor<2x4xf32> -> tensor<2x1x1x4xf32>
// CHECK-NEXT: return %arg0, %arg0, %[[VIEW]]
func.func @windows(%x: tensor<2x5x3x4xf32>) -> (tensor<2x5x3x4xf32>, tensor<2x5x3x4xf32>, tensor<2x1x1x4xf32>) {
  %0, %index = weir.max_pool2d %x {kernel = array<i64: 1>} : (tensor<2x5x3x4xf32>) -> (tensor<2x5x3x4xf32>, tensor<2x5x3x4xi32>)
  %1 = weir.avg_pool2d %x {kernel = array<i64: 1>} : (tensor<2x5x3x4xf32>) -> tensor<2x5x3x4xf32>
  %2 = weir.avg_pool2d %x {kernel = array<i64: 5, 3>, stride = array<i64: 2>} : (tensor<2x5x3x4xf32>) -> tensor<2x1x1x4xf32>
  return %0, %1, %2 : tensor<2x5x3x4xf32>, tensor<2x5x3x4xf32>, tensor<2x1x1x4xf32>
}

// A border counts into the mean, a window that leaves some out is not the whole image, and an index that is wanted is no value.
// CHECK-LABEL: func.func @windows_stay
// CHECK: weir.avg_pool2d
// CHECK: weir.avg_pool2d
// CHECK: weir.max_pool2d
func.func @windows_stay(%x: tensor<2x3x3x4xf32>) -> (tensor<2x1x1x4xf32>, tensor<2x1x1x4xf32>, tensor<2x3x3x4xi32>) {
  %0 = weir.avg_pool2d %x {kernel = array<i64: 4>, padding = array<i64: 1, 0, 1, 0>} : (tensor<2x3x3x4xf32>) -> tensor<2x1x1x4xf32>
  %1 = weir.avg_pool2d %x {kernel = array<i64: 2>, stride = array<i64: 2>} : (tensor<2x3x3x4xf32>) -> tensor<2x1x1x4xf32>
  %2, %index = weir.max_pool2d %x {kernel = array<i64: 1>} : (tensor<2x3x3x4xf32>) -> (tensor<2x3x3x4xf32>, tensor<2x3x3x4xi32>)
  return %0, %1, %index : tensor<2x1x1x4xf32>, tensor<2x1x1x4xf32>, tensor<2x3x3x4xi32>
}
