// RUN: weir-opt %s --take-ranges | FileCheck %s
// RUN: weir-opt %s --take-ranges --quantize | FileCheck --check-prefix=INT8 %s

// CHECK-NOT: range_low
// CHECK-LABEL: func.func @infer_b1(
// CHECK-SAME: weir.range = array<f64: -1.000000e+00, 2.000000e+00>
// CHECK-NOT: weir.fake_quantize
// CHECK-NOT: weir.value_range
// CHECK: weir.dense {{.*}} weir.range = array<f64: 0.000000e+00, 4.000000e+00>
// CHECK-NEXT: weir.relu {{.*}} {weir.range = array<f64: 0.000000e+00, 4.000000e+00>}
// CHECK-NEXT: weir.dense
// INT8: weir.quantize {{.*}} -> tensor<1x2x!quant.uniform<u8:f32, {{.*}}:85>>
// INT8: weir.requantize
// INT8: weir.dequantize
weir.variable @a : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>}
weir.variable @image.range_low : tensor<f32> {init = {kind = "zeros"}, kind = "statistic", value = dense<-1.0> : tensor<f32>}
weir.variable @image.range_high : tensor<f32> {init = {kind = "zeros"}, kind = "statistic", value = dense<2.0> : tensor<f32>}
weir.variable @relu.range_low : tensor<f32> {init = {kind = "zeros"}, kind = "statistic", value = dense<0.0> : tensor<f32>}
weir.variable @relu.range_high : tensor<f32> {init = {kind = "zeros"}, kind = "statistic", value = dense<4.0> : tensor<f32>}
func.func @infer_b1(%image: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %a = weir.read @a : tensor<2x2xf32>
  %l = weir.read @image.range_low : tensor<f32>
  %h = weir.read @image.range_high : tensor<f32>
  %x = weir.fake_quantize %image, %l, %h : (tensor<1x2xf32>, tensor<f32>, tensor<f32>) -> tensor<1x2xf32>
  %m, %n = weir.value_range %a {per_channel = true} : (tensor<2x2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  %w = weir.fake_quantize %a, %m, %n {symmetric = true} : (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  %0 = weir.dense %x, %w {units = 2 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = weir.relu %0 : tensor<1x2xf32>
  %l2 = weir.read @relu.range_low : tensor<f32>
  %h2 = weir.read @relu.range_high : tensor<f32>
  %2 = weir.fake_quantize %1, %l2, %h2 : (tensor<1x2xf32>, tensor<f32>, tensor<f32>) -> tensor<1x2xf32>
  %3 = weir.dense %2, %w {units = 2 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}
