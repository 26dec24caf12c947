// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Pools and add of 8-bit values: the sum in integers, then one factor in f32.
// CHECK: max: 40 9
!x = !quant.uniform<u8:f32, 0.5:10>
func.func @max(%x: tensor<1x2x2x2x!x> {weir.value = dense<[[[[10, 9], [11, 8]], [[40, 7], [0, 9]]]]> : tensor<1x2x2x2xi8>}) -> (tensor<1x1x1x2x!x>) {
  %0, %1 = weir.max_pool2d %x {kernel = array<i64: 2>} : (tensor<1x2x2x2x!x>) -> (tensor<1x1x1x2x!x>, tensor<1x1x1x2xi32>)
  return %0 : tensor<1x1x1x2x!x>
}

// Sums of 21 and -6 (without the zero point): 21 * 0.5 / (4 * 0.25) = 10.5 -> 10 and -6 * 0.5 = -3 steps of 0.25 around 100; without a type
// of its own 21 / 4 = 5.25 and -1.5 -> -2 steps of 0.5 around 10.
// CHECK-NEXT: average: 110 97
// CHECK-NEXT: average: 15 8
// CHECK-NEXT: average: 110 97
!y = !quant.uniform<u8:f32, 0.25:100>
func.func @average(%x: tensor<1x2x2x2x!x> {weir.value = dense<[[[[10, 9], [11, 8]], [[40, 7], [0, 10]]]]> : tensor<1x2x2x2xi8>})
    -> (tensor<1x2x!y>, tensor<1x2x!x>, tensor<1x1x1x2x!y>) {
  %0 = weir.global_avg_pool2d %x : (tensor<1x2x2x2x!x>) -> tensor<1x2x!y>
  %1 = weir.global_avg_pool2d %x : (tensor<1x2x2x2x!x>) -> tensor<1x2x!x>
  %2 = weir.avg_pool2d %x {kernel = array<i64: 2>} : (tensor<1x2x2x2x!x>) -> tensor<1x1x1x2x!y>
  return %0, %1, %2 : tensor<1x2x!y>, tensor<1x2x!x>, tensor<1x1x1x2x!y>
}

// A corner window sees one value of four positions: 9 steps over 4 are 2.25 -> 2, or over 1 (the padding not
// counted) 9; bounds clamp.
// CHECK-NEXT: padding: 12 10
// CHECK-NEXT: padding: 17 10
func.func @padding(%x: tensor<1x1x1x2x!x> {weir.value = dense<[[[[19, 10]]]]> : tensor<1x1x1x2xi8>}) -> (tensor<1x1x1x2x!x>, tensor<1x1x1x2x!quant.uniform<u8<0:17>:f32, 0.5:10>>) {
  %0 = weir.avg_pool2d %x {kernel = array<i64: 2>, padding = array<i64: 1, 0, 1, 0>} : (tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!x>
  %1 = weir.avg_pool2d %x {kernel = array<i64: 2>, padding = array<i64: 1, 0, 1, 0>, count_include_pad = false} : (tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!quant.uniform<u8<0:17>:f32, 0.5:10>>
  return %0, %1 : tensor<1x1x1x2x!x>, tensor<1x1x1x2x!quant.uniform<u8<0:17>:f32, 0.5:10>>
}

// -65, -64, -63, 100.25, 16.2 and -57.5 -> -58 steps around 100: worked out in f32 with NumPy.
// CHECK-NEXT: add: 35 36 37 200 116 42
!a = !quant.uniform<u8:f32, 0.1:128>
!b = !quant.uniform<u8:f32, 0.03:10>
!s = !quant.uniform<u8:f32, 0.2:100>
func.func @add(%a: tensor<1x6x!a> {weir.value = dense<[[1, 3, 5, 255, 128, 7]]> : tensor<1x6xi8>}, %b: tensor<1x6x!b> {weir.value = dense<[[0, 0, 0, 255, 118, 30]]> : tensor<1x6xi8>})
    -> tensor<1x6x!s> {
  %0 = weir.add %a, %b : (tensor<1x6x!a>, tensor<1x6x!b>) -> tensor<1x6x!s>
  return %0 : tensor<1x6x!s>
}

// An addition's relu: bounds from the zero point on. Broadcast as real numbers.
// CHECK-NEXT: relu: 100 100 120 140
func.func @relu(%a: tensor<2x2x!a> {weir.value = dense<[[0, 64], [168, 228]]> : tensor<2x2xi8>}, %b: tensor<1x1x!b> {weir.value = dense<10> : tensor<1x1xi8>})
    -> tensor<2x2x!quant.uniform<u8<100:140>:f32, 0.2:100>> {
  %0 = weir.add %a, %b : (tensor<2x2x!a>, tensor<1x1x!b>) -> tensor<2x2x!quant.uniform<u8<100:140>:f32, 0.2:100>>
  return %0 : tensor<2x2x!quant.uniform<u8<100:140>:f32, 0.2:100>>
}

// -----

// C3 of add
func.func @mixed(%a: tensor<2x!quant.uniform<u8:f32, 0.5>>, %b: tensor<2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'add' expects operands that are both quantized or both not}}
  %0 = weir.add %a, %b : (tensor<2x!quant.uniform<u8:f32, 0.5>>, tensor<2xf32>) -> tensor<2x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @real(%a: tensor<2x!quant.uniform<u8:f32, 0.5>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{op inferred type(s)}}
  %0 = weir.add %a, %a : (tensor<2x!quant.uniform<u8:f32, 0.5>>, tensor<2x!quant.uniform<u8:f32, 0.5>>) -> tensor<2xf32>
  return
}

// -----

// C5 of avg_pool2d
func.func @average(%x: tensor<1x2x2x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{op inferred type(s)}}
  %0 = weir.avg_pool2d %x {kernel = array<i64: 2>} : (tensor<1x2x2x2xf32>) -> tensor<1x1x1x2x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

// Of max_pool2d there is one type.
func.func @max(%x: tensor<1x2x2x2x!quant.uniform<u8:f32, 0.5>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{op inferred type(s)}}
  %0, %1 = weir.max_pool2d %x {kernel = array<i64: 2>} : (tensor<1x2x2x2x!quant.uniform<u8:f32, 0.5>>) -> (tensor<1x1x1x2x!quant.uniform<u8:f32, 0.25>>, tensor<1x1x1x2xi32>)
  return
}
