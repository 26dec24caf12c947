// RUN: weir-opt %s --quantize --split-input-file | FileCheck %s
// RUN: weir-opt %s --quantize --split-input-file --evaluate -o /dev/null | FileCheck --check-prefix=VALUE %s
// RUN: weir-opt %s --split-input-file --evaluate -o /dev/null | FileCheck --check-prefix=FLOAT %s

// Input in steps of 0.5 around 2, weights 127 steps to the largest of a filter, the bias in steps of their product; relu is the type's lower
// bound; the logits come straight from the sums.
weir.variable @a.weight : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.27, -2.54], [0.635, 1.27]]> : tensor<2x2xf32>}
weir.variable @a.bias : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[0.5, -0.25]> : tensor<2xf32>}
weir.variable @b.weight : tensor<2x1xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0], [-0.5]]> : tensor<2x1xf32>}

// CHECK: weir.variable @a.weight_int8 : tensor<2x2x!quant.uniform<i8<-127:127>:f32:1, {0.0100000{{[0-9]+}},0.0200000{{[0-9]+}}}>>
// CHECK: weir.variable @a.bias_int32 : tensor<2x!quant.uniform<i32:f32:0,
// CHECK: weir.variable @b.weight_int8
// CHECK-NOT: weir.variable @a.weight :
// CHECK-LABEL: func.func @infer_b1(
// CHECK-SAME: %[[IMAGE:arg[0-9]+]]: tensor<1x2xf32>
// CHECK-NOT: weir.range
// CHECK: %[[X:.*]] = weir.quantize %[[IMAGE]] : tensor<1x2xf32> -> tensor<1x2x!quant.uniform<u8:f32, 5.000000e-01:2>>
// CHECK: %[[W:.*]] = weir.read @a.weight_int8
// CHECK: %[[B:.*]] = weir.read @a.bias_int32
// CHECK: %[[S:.*]] = weir.dense %[[X]], %[[W]], %[[B]] {units = 2 : i64}
// CHECK: %[[Y:.*]] = weir.requantize %[[S]] : {{.*}} -> tensor<1x2x!quant.uniform<u8:f32, 2.500000e-01>>
// CHECK-NOT: weir.relu
// CHECK: %[[T:.*]] = weir.dense %[[Y]]
// CHECK: %[[R:.*]] = weir.dequantize %[[T]]
// CHECK-NEXT: return %[[R]]
// FLOAT: infer_b1: 12.565
// VALUE: infer_b1: 12.5
func.func @infer_b1(%image: tensor<1x2xf32> {weir.range = array<f64: -1.0, 126.5>, weir.value = dense<[[10.0, -1.0]]> : tensor<1x2xf32>}) -> tensor<1x1xf32> {
  %w = weir.read @a.weight : tensor<2x2xf32>
  %b = weir.read @a.bias : tensor<2xf32>
  %v = weir.read @b.weight : tensor<2x1xf32>
  %0 = weir.dense %image, %w, %b {units = 2 : i64, weir.range = array<f64: -50.0, 63.75>} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %1 = weir.relu %0 {weir.range = array<f64: 0.0, 63.75>} : tensor<1x2xf32>
  %2 = weir.dense %1, %v {units = 1 : i64, use_bias = false, weir.range = array<f64: -1.0, 30.0>} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %2 : tensor<1x1xf32>
}

// -----

// Followers of 8-bit values: a pool; two branches that meet in a concat have its scale from their own requantization on, relu6 with bounds;
// an addition with its relu; an average; what the last layer's float softmax reads comes from the sums.
weir.variable @w : tensor<1x1x2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[[[1.0, -0.5], [0.25, 1.0]]]]> : tensor<1x1x2x2xf32>}
weir.variable @v : tensor<4x4xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0, 0.5, -1.0, 0.0], [0.0, 1.0, 0.0, 0.5], [0.5, 0.0, 1.0, 0.0], [0.0, -0.5, 0.0, 1.0]]> : tensor<4x4xf32>}
// CHECK-LABEL: func.func @infer_b1(
// CHECK: weir.quantize {{.*}} -> tensor<1x2x2x2x!quant.uniform<u8:f32, 0.01{{[0-9]+}}:127>>
// CHECK-NEXT: weir.max_pool2d
// CHECK: weir.conv2d
// CHECK: weir.requantize {{.*}} -> tensor<1x1x1x2x!quant.uniform<u8<64:255>:f32, [[SCALE:0.0[0-9]+]]:64>>
// CHECK: weir.conv2d
// CHECK: weir.requantize {{.*}} -> tensor<1x1x1x2x!quant.uniform<u8:f32, [[SCALE]]:64>>
// CHECK-NEXT: weir.concat {{.*}} -> tensor<1x1x1x4x!quant.uniform<u8:f32, [[SCALE]]:64>>
// CHECK-NEXT: weir.view {{.*}} -> tensor<1x4x!quant.uniform<u8:f32, [[SCALE]]:64>>
// CHECK: weir.dense
// CHECK-NEXT: weir.requantize {{.*}} -> tensor<1x4x!quant.uniform<u8:f32, {{.*}}:51>>
// CHECK-NEXT: weir.add {{.*}} -> tensor<1x4x!quant.uniform<u8:f32, {{[^:]*}}>>
// CHECK-NEXT: weir.read
// CHECK-NEXT: weir.dense
// CHECK-NEXT: weir.dequantize
// CHECK-NEXT: weir.softmax
// FLOAT: infer_b1: 0.938412 0.0546221
// VALUE: infer_b1: 0.938316 0.0542683
func.func @infer_b1(%image: tensor<1x2x2x2xf32> {weir.range = array<f64: -2.0, 2.0>, weir.value = dense<[[[[1.0, -1.0], [2.0, 0.5]], [[-2.0, 1.5], [0.0, 0.0]]]]> : tensor<1x2x2x2xf32>}) -> tensor<1x4xf32> {
  %w = weir.read @w : tensor<1x1x2x2xf32>
  %v = weir.read @v : tensor<4x4xf32>
  %0, %i = weir.max_pool2d %image {kernel = array<i64: 2>, weir.range = array<f64: -1.0, 2.0>} : (tensor<1x2x2x2xf32>) -> (tensor<1x1x1x2xf32>, tensor<1x1x1x2xi32>)
  %1 = weir.conv2d %0, %w {filters = 2 : i64, kernel = array<i64: 1>, use_bias = false, weir.range = array<f64: -1.0, 3.0>} : (tensor<1x1x1x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x1x2xf32>
  %2 = weir.relu %1 {weir.range = array<f64: 0.0, 3.0>} : tensor<1x1x1x2xf32>
  %3 = weir.conv2d %0, %w {filters = 2 : i64, kernel = array<i64: 1>, use_bias = false, weir.range = array<f64: -1.0, 3.0>} : (tensor<1x1x1x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x1x2xf32>
  %4 = weir.concat %2, %3 {weir.range = array<f64: -1.0, 3.0>} : (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x1x4xf32>
  %5 = weir.view %4 : tensor<1x1x1x4xf32> -> tensor<1x4xf32>
  %6 = weir.dense %5, %v {units = 4 : i64, use_bias = false, weir.range = array<f64: -1.0, 4.0>} : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %7 = weir.add %5, %6 {weir.range = array<f64: -1.0, 7.0>} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %8 = weir.relu %7 {weir.range = array<f64: 0.0, 7.0>} : tensor<1x4xf32>
  %9 = weir.dense %8, %v {units = 4 : i64, use_bias = false, weir.range = array<f64: -5.0, 5.0>} : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %10 = weir.softmax %9 : tensor<1x4xf32>
  return %10 : tensor<1x4xf32>
}
