// A quantized function goes through grouping and memory planning as any other: one kernel for a product with its bias,
// requantization and relu; padding in patches; images of a byte a value.
// RUN: weir-opt %s --lower-convolutions --sink-views --form-groups --plan-memory | FileCheck %s
// RUN: weir-opt %s --lower-convolutions --sink-views --form-groups --plan-memory --evaluate -o /dev/null | FileCheck --check-prefix=SAME %s
// RUN: weir-opt %s --evaluate -o /dev/null | FileCheck --check-prefix=SAME %s

// SAME: net: 2.625 -5.25
// SAME-NEXT: net: 5.25 -10.5

// CHECK: weir.variables_bytes = 192
// CHECK: weir.variable @w : tensor<3x3x1x2x!quant.uniform<i8<-127:127>:f32:3, {2.500000e-01,1.250000e-01}>> {{.*}}offset = 0
!x = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32:3, {0.25, 0.125}>
!s = !quant.uniform<i32:f32:3, {0.125, 0.0625}>
!b = !quant.uniform<i32:f32:0, {0.125, 0.0625}>
!y = !quant.uniform<u8<20:255>:f32, 0.25:20>
!z = !quant.uniform<u8:f32, 0.25:128>
weir.variable @w : tensor<3x3x1x2x!w> {init = {kind = "zeros"}, kind = "parameter", weir.value = dense<[[[[1, 2]], [[3, 4]], [[5, 6]]], [[[7, 8]], [[9, -9]], [[-8, -7]]], [[[-6, -5]], [[-4, -3]], [[-2, -1]]]]> : tensor<3x3x1x2xi8>}
weir.variable @b : tensor<2x!b> {init = {kind = "zeros"}, kind = "parameter", weir.value = dense<[40, -30]> : tensor<2xi32>}
weir.variable @g : tensor<2x2x!quant.uniform<i8:f32, 0.5>> {init = {kind = "zeros"}, kind = "parameter", weir.value = dense<[[1, -2], [3, 1]]> : tensor<2x2xi8>}

// CHECK-LABEL: func.func @net(
// CHECK: weir.kernel "quantize_u8_1x2x2x1"
// CHECK: weir.kernel "patches_u8_1x2x2x3x3x1"
// CHECK: weir.kernel "dense_requantize_u8_4x9x2"
// CHECK-SAME: -> (tensor<4x2x!quant.uniform<u8<20:255>
// CHECK: weir.kernel "global_avg_pool2d_u8_1x2"
// CHECK: weir.kernel "dense_dequantize_add_u8_1x2x2"
func.func @net(%image: tensor<1x2x2x1xf32> {weir.value = dense<[[[[0.5], [1.0]], [[-1.5], [2.0]]]]> : tensor<1x2x2x1xf32>}) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %w = weir.read @w : tensor<3x3x1x2x!w>
  %b = weir.read @b : tensor<2x!b>
  %g = weir.read @g : tensor<2x2x!quant.uniform<i8:f32, 0.5>>
  %0 = weir.quantize %image : tensor<1x2x2x1xf32> -> tensor<1x2x2x1x!x>
  %1 = weir.conv2d %0, %w, %b {filters = 2 : i64, kernel = array<i64: 3>, padding = array<i64: 1>} : (tensor<1x2x2x1x!x>, tensor<3x3x1x2x!w>, tensor<2x!b>) -> tensor<1x2x2x2x!s>
  %2 = weir.requantize %1 : tensor<1x2x2x2x!s> -> tensor<1x2x2x2x!y>
  %3 = weir.global_avg_pool2d %2 : (tensor<1x2x2x2x!y>) -> tensor<1x2x!z>
  %4 = weir.dense %3, %g {units = 2 : i64, use_bias = false} : (tensor<1x2x!z>, tensor<2x2x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x!quant.uniform<i32:f32, 0.125>>
  %5 = weir.dequantize %4 : (tensor<1x2x!quant.uniform<i32:f32, 0.125>>) -> tensor<1x2xf32>
  %6 = weir.add %5, %5 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %5, %6 : tensor<1x2xf32>, tensor<1x2xf32>
}

// Filters in groups: parts of the weight with their scales, sums joined, the bias behind them.
// CHECK-LABEL: func.func @grouped(
// CHECK: weir.kernel "slice_i8_1x1x1x1"
// CHECK: weir.kernel "dense_u8_1x1x1"
// CHECK: weir.concat {{.*}} tensor<1x1x1x2x!quant
// CHECK: weir.kernel "bias_add_requantize_i32_1x1x1x2"
// SAME-NEXT: grouped: 12 9
!v = !quant.uniform<i8<-127:127>:f32:3, {0.25, 0.125}>
func.func @grouped(%x: tensor<1x1x1x2x!x> {weir.value = dense<[[[[12, 9]]]]> : tensor<1x1x1x2xi8>}, %w: tensor<1x1x1x2x!v> {weir.value = dense<[[[[3, 5]]]]> : tensor<1x1x1x2xi8>},
                   %b: tensor<2x!b> {weir.value = dense<[1, -2]> : tensor<2xi32>}) -> tensor<1x1x1x2x!x> {
  %0 = weir.conv2d %x, %w, %b {filters = 2 : i64, kernel = array<i64: 1>, groups = 2 : i64} : (tensor<1x1x1x2x!x>, tensor<1x1x1x2x!v>, tensor<2x!b>) -> tensor<1x1x1x2x!s>
  %1 = weir.requantize %0 : tensor<1x1x1x2x!s> -> tensor<1x1x1x2x!x>
  return %1 : tensor<1x1x1x2x!x>
}
