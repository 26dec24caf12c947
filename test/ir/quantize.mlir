// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Steps of 0.5 around 128: halves go to the even neighbour (0.25 -> 0, 0.75 -> 2, 1.25 -> 2), what lies outside to the ends.
// CHECK: quantize: 128 128 130 128 130 126 255 255 255 0 0 0
func.func @quantize(%x: tensor<12xf32> {weir.value = dense<[0.0, 0.25, 0.75, -0.25, 1.25, -0.75, 63.4, 63.6, 1000.0, -64.0, -64.1, -1000.0]> : tensor<12xf32>})
    -> tensor<12x!quant.uniform<u8:f32, 0.5:128>> {
  %0 = weir.quantize %x : tensor<12xf32> -> tensor<12x!quant.uniform<u8:f32, 0.5:128>>
  return %0 : tensor<12x!quant.uniform<u8:f32, 0.5:128>>
}

// Bounds of the type's own: relu's result has nothing below its zero point, relu6's nothing above 6.
// CHECK-NEXT: bounds: 3 3 5 15 15
func.func @bounds(%x: tensor<5xf32> {weir.value = dense<[-1.0, 0.0, 1.0, 6.0, 98.5]> : tensor<5xf32>}) -> tensor<5x!quant.uniform<u8<3:15>:f32, 0.5:3>> {
  %0 = weir.quantize %x : tensor<5xf32> -> tensor<5x!quant.uniform<u8<3:15>:f32, 0.5:3>>
  return %0 : tensor<5x!quant.uniform<u8<3:15>:f32, 0.5:3>>
}

// CHECK-NEXT: signed: -128 -1 0 127
func.func @signed(%x: tensor<4xf32> {weir.value = dense<[-70.0, -0.5, 0.0, 70.0]> : tensor<4xf32>}) -> tensor<4x!quant.uniform<i8:f32, 0.5>> {
  %0 = weir.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return %0 : tensor<4x!quant.uniform<i8:f32, 0.5>>
}

// The quotient is that of f32: 8.76 / 0.24 is 36.5 there and goes to 36; in float64 it is a little more, and 8.76 * f32(1 / 0.24) as well.
// CHECK-NEXT: f32: 36
func.func @f32(%x: tensor<1xf32> {weir.value = dense<8.76> : tensor<1xf32>}) -> tensor<1x!quant.uniform<u8:f32, 0.24>> {
  %0 = weir.quantize %x : tensor<1xf32> -> tensor<1x!quant.uniform<u8:f32, 0.24>>
  return %0 : tensor<1x!quant.uniform<u8:f32, 0.24>>
}

// -----

// C1
func.func @shape(%x: tensor<2xf32>) {
  // expected-error@+1 {{'weir.quantize' op expects a result of 2, but got 3}}
  %0 = weir.quantize %x : tensor<2xf32> -> tensor<3x!quant.uniform<u8:f32, 0.5:128>>
  return
}

// -----

// Values between layers have one scale, a zero point of 8 bits, and stand for f32.
func.func @scales(%x: tensor<2xf32>) {
  // expected-error@+1 {{'weir.quantize' op result #0 must be statically shaped tensor of 8-bit quantized values of one scale values}}
  %0 = weir.quantize %x : tensor<2xf32> -> tensor<2x!quant.uniform<u8:f32:0, {0.5, 0.25}>>
  return
}

// -----

func.func @zero_point(%x: tensor<2xf32>) {
  // expected-error@+1 {{must be statically shaped tensor of 8-bit quantized values of one scale values}}
  %0 = weir.quantize %x : tensor<2xf32> -> tensor<2x!quant.uniform<u8:f32, 0.5:300>>
  return
}

// -----

func.func @bits(%x: tensor<2xf32>) {
  // expected-error@+1 {{must be statically shaped tensor of 8-bit quantized values of one scale values}}
  %0 = weir.quantize %x : tensor<2xf32> -> tensor<2x!quant.uniform<i16:f32, 0.5>>
  return
}
