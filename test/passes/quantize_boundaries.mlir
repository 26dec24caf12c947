// RUN: weir-opt %s --quantize=keep-float=middle | FileCheck %s
// RUN: weir-opt %s --quantize=keep-float=middle --evaluate -o /dev/null | FileCheck --check-prefix=VALUE %s
// RUN: weir-opt %s --evaluate -o /dev/null | FileCheck --check-prefix=FLOAT %s
// RUN: weir-opt %s --quantize=per-tensor | FileCheck --check-prefix=TENSOR %s
// RUN: not weir-opt %s --quantize=keep-float=last 2>&1 | FileCheck --check-prefix=NAME %s
// NAME: error: 'quantize' expects layers with weights in 'keep-float', but there is none called 'last'
// TENSOR: weir.variable @v_int8 : tensor<2x2x!quant.uniform<i8<-127:127>:f32, 0.00787{{[0-9]*}}>>

// What stays in float: the layer named, with real numbers before and behind it; gelu, whose result becomes 8 bits for the layer behind.
weir.variable @v : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0, 0.5], [-0.5, 1.0]]> : tensor<2x2xf32>}
// CHECK: weir.variable @v : tensor<2x2xf32>
// CHECK-LABEL: func.func @infer_b1(
// CHECK: weir.quantize
// CHECK: weir.dense {{.*}} -> tensor<1x2x!quant.uniform<i32
// CHECK-NEXT: %[[A:.*]] = weir.dequantize
// CHECK-NEXT: %[[G:.*]] = weir.gelu %[[A]]
// CHECK-NEXT: %[[Q:.*]] = weir.quantize %[[G]]
// CHECK: %[[S:.*]] = weir.dense %[[Q]],
// CHECK-NEXT: %[[B:.*]] = weir.dequantize %[[S]]
// CHECK-NEXT: %[[C:.*]] = weir.relu %[[B]]
// CHECK-NEXT: %[[D:.*]] = weir.dense %[[C]], {{.*}} -> tensor<1x2xf32>
// CHECK-NEXT: %[[Z:.*]] = weir.quantize %[[D]]
// CHECK: weir.dense %[[Z]],
// FLOAT: infer_b1: -1.08266 2.77924
// VALUE: infer_b1: -1.04848 2.7539
func.func @infer_b1(%image: tensor<1x2xf32> {weir.range = array<f64: -2.0, 2.0>, weir.value = dense<[[2.0, 0.25]]> : tensor<1x2xf32>}) -> tensor<1x2xf32> {
  %v = weir.read @v : tensor<2x2xf32>
  %0 = weir.dense %image, %v {units = 2 : i64, use_bias = false, weir.range = array<f64: -2.0, 2.0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = weir.gelu %0 {weir.range = array<f64: -0.2, 2.0>} : tensor<1x2xf32>
  %2 = weir.dense %1, %v {units = 2 : i64, use_bias = false, weir.range = array<f64: -2.0, 3.0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %3 = weir.relu %2 {weir.range = array<f64: 0.0, 3.0>} : tensor<1x2xf32>
  %4 = weir.dense %3, %v {units = 2 : i64, use_bias = false, weir.range = array<f64: -1.0, 4.0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32> loc("middle")
  %5 = weir.dense %4, %v {units = 2 : i64, use_bias = false, weir.range = array<f64: -5.0, 5.0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %5 : tensor<1x2xf32>
}
