// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// (200 - 128) * f32(0.1) is 7.20000029 in f32.
// CHECK: values: 7.2 0 -12.8
func.func @values(%x: tensor<3x!quant.uniform<u8:f32, 0.1:128>> {weir.value = dense<[200, 128, 0]> : tensor<3xi8>}) -> tensor<3xf32> {
  %0 = weir.dequantize %x : (tensor<3x!quant.uniform<u8:f32, 0.1:128>>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-NEXT: sums: 0.5 0.75 -1 -1.25
func.func @sums(%x: tensor<2x2x!quant.uniform<i32:f32:1, {0.5, 0.25}>> {weir.value = dense<[[1, 3], [-2, -5]]> : tensor<2x2xi32>}) -> tensor<2x2xf32> {
  %0 = weir.dequantize %x : (tensor<2x2x!quant.uniform<i32:f32:1, {0.5, 0.25}>>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// Sums above 2^24 become the nearest f32, ties to even: 2^24 + 1 and 2^24 + 3.
// CHECK-NEXT: large: 0 4
func.func @large(%x: tensor<2x!quant.uniform<i32:f32, 1.0>> {weir.value = dense<[16777217, 16777219]> : tensor<2xi32>}) -> tensor<2xf32> {
  %0 = weir.dequantize %x : (tensor<2x!quant.uniform<i32:f32, 1.0>>) -> tensor<2xf32>
  %1 = weir.fill -16777216.0 : tensor<2xf32>
  %2 = weir.add %0, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// -----

// C1
func.func @axis(%x: tensor<2x3x!quant.uniform<i32:f32:0, {0.25, 0.5}>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dequantize' expects scales along the last dimension}}
  %0 = weir.dequantize %x : (tensor<2x3x!quant.uniform<i32:f32:0, {0.25, 0.5}>>) -> tensor<2x3xf32>
  return
}

// -----

func.func @real(%x: tensor<2xf32>) {
  // expected-error@+1 {{operand #0 must be statically shaped tensor of 8-bit quantized values of one scale or symmetric signed 32-bit quantized values values}}
  %0 = weir.dequantize %x : (tensor<2xf32>) -> tensor<2xf32>
  return
}
