// RUN: weir-opt %s --fake-quantize | FileCheck %s
// RUN: weir-opt %s --fake-quantize --expand-batch-norm --simplify --differentiate --simplify --lower-convolutions --sink-views --form-groups --plan-memory -o /dev/null

// The image and relu's result are rounded, each once; what batch_norm and relu make another of is not, nor the logits. Inference
// reads the averages of the ranges that training finds.
weir.variable @conv.weight : tensor<1x1x2x2xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @norm.scale : tensor<2xf32> {init = {kind = "ones"}, kind = "parameter"}
weir.variable @norm.offset : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @norm.mean : tensor<2xf32> {init = {kind = "zeros"}, kind = "statistic"}
weir.variable @norm.variance : tensor<2xf32> {init = {kind = "ones"}, kind = "statistic"}
weir.variable @dense.weight : tensor<8x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
// CHECK: weir.variable @image.range_low : tensor<f32> {init = {kind = "zeros"}, kind = "statistic"}
// CHECK: weir.variable @image.range_high
// CHECK: weir.variable @relu.range_low
// CHECK: weir.variable @relu.range_high
// CHECK-NOT: weir.variable

// CHECK-LABEL: func.func @infer_b1(
// CHECK: weir.read @image.range_low
// CHECK: %[[X:.*]] = weir.fake_quantize
// CHECK: %[[L:.*]], %[[H:.*]] = weir.value_range {{.*}} {per_channel = true}
// CHECK: %[[W:.*]] = weir.fake_quantize {{.*}}, %[[L]], %[[H]] {symmetric = true}
// CHECK: weir.conv2d %[[X]], %[[W]]
// CHECK-NEXT: weir.batch_norm
// CHECK-NEXT: weir.relu
// CHECK-NEXT: weir.read @relu.range_low
// CHECK-NEXT: weir.read @relu.range_high
// CHECK-NEXT: %[[R:.*]] = weir.fake_quantize
// CHECK-NEXT: weir.dropout %[[R]]
// CHECK-NEXT: weir.flatten
// CHECK: %[[Y:.*]] = weir.dense
// CHECK-NEXT: return %[[Y]]
func.func @infer_b1(%image: tensor<1x2x2x2xf32>) -> tensor<1x3xf32> {
  %w = weir.read @conv.weight : tensor<1x1x2x2xf32>
  %s = weir.read @norm.scale : tensor<2xf32>
  %o = weir.read @norm.offset : tensor<2xf32>
  %m = weir.read @norm.mean : tensor<2xf32>
  %v = weir.read @norm.variance : tensor<2xf32>
  %d = weir.read @dense.weight : tensor<8x3xf32>
  %0 = weir.conv2d %image, %w {filters = 2 : i64, kernel = array<i64: 1>, use_bias = false} : (tensor<1x2x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> loc("conv")
  %1 = weir.batch_norm %0, %s, %o, %m, %v : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32> loc("norm")
  %2 = weir.relu %1 : tensor<1x2x2x2xf32> loc("relu")
  %3 = weir.dropout %2 : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("dropout")
  %4 = weir.flatten %3 : (tensor<1x2x2x2xf32>) -> tensor<1x8xf32> loc("flatten")
  %5 = weir.dense %4, %d {units = 3 : i64, use_bias = false} : (tensor<1x8xf32>, tensor<8x3xf32>) -> tensor<1x3xf32> loc("dense")
  return %5 : tensor<1x3xf32>
}

// CHECK-LABEL: func.func @train_step(
// CHECK: %[[LOW:.*]] = weir.read @image.range_low
// CHECK: %[[FROM:.*]], %[[TO:.*]] = weir.value_range %[[IMAGE:.*]] :
// CHECK-NEXT: %[[NEW:.*]] = weir.running_average %[[LOW]], %[[FROM]]
// CHECK-NEXT: weir.assign @image.range_low, %[[NEW]]
// CHECK: weir.assign @image.range_high
// CHECK: %[[X:.*]] = weir.fake_quantize %[[IMAGE]], %[[FROM]], %[[TO]]
// CHECK: weir.conv2d %[[X]]
// CHECK: weir.relu
// CHECK: weir.fake_quantize
// CHECK: weir.dropout
func.func @train_step(%image: tensor<4x2x2x2xf32>, %label: tensor<4xi32>, %rate: tensor<f32>, %counter: tensor<3xi32>) -> (tensor<f32>, tensor<i32>) {
  %w = weir.read @conv.weight : tensor<1x1x2x2xf32>
  %s = weir.read @norm.scale : tensor<2xf32>
  %o = weir.read @norm.offset : tensor<2xf32>
  %m = weir.read @norm.mean : tensor<2xf32>
  %v = weir.read @norm.variance : tensor<2xf32>
  %d = weir.read @dense.weight : tensor<8x3xf32>
  %0 = weir.conv2d %image, %w {filters = 2 : i64, kernel = array<i64: 1>, use_bias = false} : (tensor<4x2x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<4x2x2x2xf32> loc("conv")
  %1 = weir.batch_norm %0, %s, %o, %m, %v {training = true} : (tensor<4x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2x2x2xf32> loc("norm")
  %2 = weir.relu %1 : tensor<4x2x2x2xf32> loc("relu")
  %3 = weir.dropout %2, %counter : (tensor<4x2x2x2xf32>, tensor<3xi32>) -> tensor<4x2x2x2xf32> loc("dropout")
  %4 = weir.flatten %3 : (tensor<4x2x2x2xf32>) -> tensor<4x8xf32> loc("flatten")
  %5 = weir.dense %4, %d {units = 3 : i64, use_bias = false} : (tensor<4x8xf32>, tensor<8x3xf32>) -> tensor<4x3xf32> loc("dense")
  %loss, %correct = weir.cross_entropy %5, %label : (tensor<4x3xf32>, tensor<4xi32>) -> (tensor<f32>, tensor<i32>)
  weir.minimize %loss with "sgd" {} at %counter(%rate) : tensor<f32>, tensor<3xi32>(tensor<f32>)
  return %loss, %correct : tensor<f32>, tensor<i32>
}
