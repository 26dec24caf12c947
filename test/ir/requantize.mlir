// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Sums of two channels, scales 0.5 and 0.25, in steps of 0.5 around 10: 100 is 100 and 50 steps; -7, -5, 5 and 3 quarters are -3.5 -> -4,
// -2.5 -> -2, 2.5 -> 2 and 1.5 -> 2 steps.
// CHECK: channels: 110 60 3 6 13 12 0 255
func.func @channels(%x: tensor<4x2x!quant.uniform<i32:f32:1, {0.5, 0.25}>> {weir.value = dense<[[100, 100], [-7, -7], [3, 5], [-1000, 100000]]> : tensor<4x2xi32>})
    -> tensor<4x2x!quant.uniform<u8:f32, 0.5:10>> {
  %0 = weir.requantize %x : tensor<4x2x!quant.uniform<i32:f32:1, {0.5, 0.25}>> -> tensor<4x2x!quant.uniform<u8:f32, 0.5:10>>
  return %0 : tensor<4x2x!quant.uniform<u8:f32, 0.5:10>>
}

// relu6 in a type of a wider range: from the zero point to 12 steps above.
// CHECK-NEXT: activation: 50 50 55 62 62
func.func @activation(%x: tensor<5x!quant.uniform<i32:f32, 0.25>> {weir.value = dense<[-100, 0, 10, 24, 2147483647]> : tensor<5xi32>})
    -> tensor<5x!quant.uniform<u8<50:62>:f32, 0.5:50>> {
  %0 = weir.requantize %x : tensor<5x!quant.uniform<i32:f32, 0.25>> -> tensor<5x!quant.uniform<u8<50:62>:f32, 0.5:50>>
  return %0 : tensor<5x!quant.uniform<u8<50:62>:f32, 0.5:50>>
}

// 8 bits to 8 bits: the zero points' difference is exact, so equal scales only clamp.
// CHECK-NEXT: shift: 0 0 72 127
// CHECK-NEXT: shift: -128 0 72 127
func.func @shift(%x: tensor<4x!quant.uniform<u8:f32, 0.5:128>> {weir.value = dense<[0, 128, 200, 255]> : tensor<4xi8>})
    -> (tensor<4x!quant.uniform<u8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  %0 = weir.requantize %x : tensor<4x!quant.uniform<u8:f32, 0.5:128>> -> tensor<4x!quant.uniform<u8:f32, 0.5>>
  %1 = weir.requantize %x : tensor<4x!quant.uniform<u8:f32, 0.5:128>> -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return %0, %1 : tensor<4x!quant.uniform<u8:f32, 0.5>>, tensor<4x!quant.uniform<i8:f32, 0.5>>
}

// The product is that of f32: 5923 * f32(0.010013 / 0.746) is 79.5 there and goes to 80; in float64 it is a little less.
// CHECK-NEXT: f32: 80 -80
func.func @f32(%x: tensor<2x!quant.uniform<i32:f32, 0.010013>> {weir.value = dense<[5923, -5923]> : tensor<2xi32>}) -> tensor<2x!quant.uniform<i8:f32, 0.746>> {
  %0 = weir.requantize %x : tensor<2x!quant.uniform<i32:f32, 0.010013>> -> tensor<2x!quant.uniform<i8:f32, 0.746>>
  return %0 : tensor<2x!quant.uniform<i8:f32, 0.746>>
}

// -----

// C1
func.func @shape(%x: tensor<2x!quant.uniform<i32:f32, 0.25>>) {
  // expected-error@+1 {{'weir.requantize' op expects a result of 2, but got 1x2}}
  %0 = weir.requantize %x : tensor<2x!quant.uniform<i32:f32, 0.25>> -> tensor<1x2x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

// C2
func.func @axis(%x: tensor<2x3x!quant.uniform<i32:f32:0, {0.25, 0.5}>>) {
  // expected-error@+1 {{'weir.requantize' op expects scales along the last dimension}}
  %0 = weir.requantize %x : tensor<2x3x!quant.uniform<i32:f32:0, {0.25, 0.5}>> -> tensor<2x3x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @unsigned_sum(%x: tensor<2x!quant.uniform<u32:f32, 0.25>>) {
  // expected-error@+1 {{operand #0 must be statically shaped tensor of 8-bit quantized values of one scale or symmetric signed 32-bit quantized values values}}
  %0 = weir.requantize %x : tensor<2x!quant.uniform<u32:f32, 0.25>> -> tensor<2x!quant.uniform<u8:f32, 0.5>>
  return
}
