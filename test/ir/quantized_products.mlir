// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dense, conv2d, depthwise_conv2d and bias_add of quantized operands: integers, the input's zero point taken off.
// [12 10 7] - 10 = [2 0 -3]: 2 * 1 - 3 * 3 = -7, 2 * -2 - 3 * 127 = -385; plus 100 and -1.
// CHECK: dense: 93 -386
// CHECK-NEXT: dense: -7 -385
// CHECK-NEXT: dense: 93 -386
!x = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32:1, {0.25, 0.125}>
!s = !quant.uniform<i32:f32:1, {0.125, 0.0625}>
!b = !quant.uniform<i32:f32:0, {0.125, 0.0625}>
func.func @dense(%x: tensor<1x3x!x> {weir.value = dense<[[12, 10, 7]]> : tensor<1x3xi8>},
                 %w: tensor<3x2x!w> {weir.value = dense<[[1, -2], [5, 6], [3, 127]]> : tensor<3x2xi8>},
                 %b: tensor<2x!b> {weir.value = dense<[100, -1]> : tensor<2xi32>}) -> (tensor<1x2x!s>, tensor<1x2x!s>, tensor<1x2x!s>) {
  %0 = weir.dense %x, %w, %b {units = 2 : i64} : (tensor<1x3x!x>, tensor<3x2x!w>, tensor<2x!b>) -> tensor<1x2x!s>
  %1 = weir.dense %x, %w {units = 2 : i64, use_bias = false} : (tensor<1x3x!x>, tensor<3x2x!w>) -> tensor<1x2x!s>
  %2 = weir.bias_add %1, %b : (tensor<1x2x!s>, tensor<2x!b>) -> tensor<1x2x!s>
  return %0, %1, %2 : tensor<1x2x!s>, tensor<1x2x!s>, tensor<1x2x!s>
}

// One scale for the whole weight: one for the sums.
// CHECK-NEXT: one_scale: -7
func.func @one_scale(%x: tensor<1x3x!x> {weir.value = dense<[[12, 10, 7]]> : tensor<1x3xi8>},
                     %w: tensor<3x1x!quant.uniform<i8:f32, 0.25>> {weir.value = dense<[[1], [5], [3]]> : tensor<3x1xi8>}) -> tensor<1x1x!quant.uniform<i32:f32, 0.125>> {
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x3x!x>, tensor<3x1x!quant.uniform<i8:f32, 0.25>>) -> tensor<1x1x!quant.uniform<i32:f32, 0.125>>
  return %0 : tensor<1x1x!quant.uniform<i32:f32, 0.125>>
}

// What lies around the image counts as 0, that is, as 10: 1..4 in a ring of nothing.
// CHECK-NEXT: conv: 4 11 6 14 30 14 6 11 4
!k = !quant.uniform<i8<-127:127>:f32:3, {0.25}>
!t = !quant.uniform<i32:f32:3, {0.125}>
func.func @conv(%x: tensor<1x2x2x1x!x> {weir.value = dense<[[[[11], [12]], [[13], [14]]]]> : tensor<1x2x2x1xi8>},
                %w: tensor<2x2x1x1x!k> {weir.value = dense<[[[[1]], [[2]]], [[[3]], [[4]]]]> : tensor<2x2x1x1xi8>}) -> tensor<1x3x3x1x!t> {
  %0 = weir.conv2d %x, %w {filters = 1 : i64, kernel = array<i64: 2>, padding = array<i64: 1>, use_bias = false} : (tensor<1x2x2x1x!x>, tensor<2x2x1x1x!k>) -> tensor<1x3x3x1x!t>
  return %0 : tensor<1x3x3x1x!t>
}

// CHECK-NEXT: depthwise: 7 -4
!d = !quant.uniform<i8<-127:127>:f32:2, {0.25, 0.5}>
!e = !quant.uniform<i32:f32:3, {0.125, 0.25}>
!c = !quant.uniform<i32:f32:0, {0.125, 0.25}>
func.func @depthwise(%x: tensor<1x1x2x2x!x> {weir.value = dense<[[[[11, 12], [13, 8]]]]> : tensor<1x1x2x2xi8>},
                     %w: tensor<1x2x2x!d> {weir.value = dense<[[[1, 2], [3, 4]]]> : tensor<1x2x2xi8>},
                     %b: tensor<2x!c> {weir.value = dense<[-3, 0]> : tensor<2xi32>}) -> tensor<1x1x1x2x!e> {
  %0 = weir.depthwise_conv2d %x, %w, %b {kernel = array<i64: 1, 2>} : (tensor<1x1x2x2x!x>, tensor<1x2x2x!d>, tensor<2x!c>) -> tensor<1x1x1x2x!e>
  return %0 : tensor<1x1x1x2x!e>
}

// -----

// C5 of dense: all quantized, or none.
func.func @mixed(%x: tensor<1x3x!quant.uniform<u8:f32, 0.5>>, %w: tensor<3x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense' expects operands that are all quantized or all not}}
  %0 = weir.dense %x, %w {units = 2 : i64, use_bias = false} : (tensor<1x3x!quant.uniform<u8:f32, 0.5>>, tensor<3x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

// C6: scales for each unit, not for each feature.
func.func @axis(%x: tensor<1x3x!quant.uniform<u8:f32, 0.5>>, %w: tensor<3x1x!quant.uniform<i8:f32:0, {0.5, 0.5, 0.25}>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense' expects a weight's scales along its last dimension (1), but got 0}}
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x3x!quant.uniform<u8:f32, 0.5>>, tensor<3x1x!quant.uniform<i8:f32:0, {0.5, 0.5, 0.25}>>) -> tensor<1x1x!quant.uniform<i32:f32, 0.25>>
  return
}

// -----

// C7: a bias of other steps than the sums'.
!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32:3, {0.5, 0.25}>
func.func @bias(%x: tensor<1x2x2x1x!x>, %w: tensor<1x1x1x2x!w>, %b: tensor<2x!quant.uniform<i32:f32:0, {0.25, 0.25}>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'conv2d' expects a bias of the sums' scales, those of}}
  %0 = weir.conv2d %x, %w, %b {filters = 2 : i64, kernel = array<i64: 1>} : (tensor<1x2x2x1x!x>, tensor<1x1x1x2x!w>, tensor<2x!quant.uniform<i32:f32:0, {0.25, 0.25}>>) -> tensor<1x2x2x2x!quant.uniform<i32:f32:3, {0.25, 0.125}>>
  return
}

// -----

// C8: 70,000 products of 255 * 127 can leave 32 bits.
func.func @overflow(%x: tensor<1x70000x!quant.uniform<u8:f32, 0.5>>, %w: tensor<70000x1x!quant.uniform<i8<-127:127>:f32, 0.5>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense' expects sums that stay within 32 bits, but got 70000 products of up to 32385}}
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x70000x!quant.uniform<u8:f32, 0.5>>, tensor<70000x1x!quant.uniform<i8<-127:127>:f32, 0.5>>) -> tensor<1x1x!quant.uniform<i32:f32, 0.25>>
  return
}

// -----

// Weights are symmetric: a zero point would cost a sum of the inputs for each output.
func.func @symmetric(%x: tensor<1x3x!quant.uniform<u8:f32, 0.5>>, %w: tensor<3x1x!quant.uniform<i8:f32, 0.5:1>>) {
  // expected-error@+1 {{operand #1 must be statically shaped tensor of 32-bit float or symmetric signed 8-bit quantized values values}}
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x3x!quant.uniform<u8:f32, 0.5>>, tensor<3x1x!quant.uniform<i8:f32, 0.5:1>>) -> tensor<1x1x!quant.uniform<i32:f32, 0.25>>
  return
}

// -----

// The sums' scales are the products of the operands'.
func.func @scales(%x: tensor<1x3x!quant.uniform<u8:f32, 0.5>>, %w: tensor<3x1x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{op inferred type(s)}}
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x3x!quant.uniform<u8:f32, 0.5>>, tensor<3x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

// C3 of bias_add
func.func @bias_add(%x: tensor<1x2x!quant.uniform<i32:f32:1, {0.5, 0.25}>>, %b: tensor<2x!quant.uniform<i32:f32:0, {0.5, 0.5}>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'bias_add' expects a bias of the scales of}}
  %0 = weir.bias_add %x, %b : (tensor<1x2x!quant.uniform<i32:f32:1, {0.5, 0.25}>>, tensor<2x!quant.uniform<i32:f32:0, {0.5, 0.5}>>) -> tensor<1x2x!quant.uniform<i32:f32:1, {0.5, 0.25}>>
  return
}
