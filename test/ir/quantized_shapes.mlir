// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// What moves quantized values moves their integers; what it adds stands for real numbers.
// CHECK: pad: 1 2 10
// CHECK-NEXT: pad: 16 1 2 16
!x = !quant.uniform<u8:f32, 0.5:10>
func.func @pad(%x: tensor<1x1x2x1x!x> {weir.value = dense<[[[[1], [2]]]]> : tensor<1x1x2x1xi8>}) -> (tensor<1x1x3x1x!x>, tensor<1x1x4x1x!x>) {
  %0 = weir.pad %x {padding = array<i64: 0, 0, 0, 1>} : (tensor<1x1x2x1x!x>) -> tensor<1x1x3x1x!x>
  %1 = weir.pad %x {padding = array<i64: 0, 1>, value = 3.1} : (tensor<1x1x2x1x!x>) -> tensor<1x1x4x1x!x>
  return %0, %1 : tensor<1x1x3x1x!x>, tensor<1x1x4x1x!x>
}

// CHECK-NEXT: patches: 10 1 1 2
func.func @patches(%x: tensor<1x1x2x1x!x> {weir.value = dense<[[[[1], [2]]]]> : tensor<1x1x2x1xi8>}) -> tensor<1x1x2x1x2x1x!x> {
  %0 = weir.patches %x {kernel = array<i64: 1, 2>, padding = array<i64: 0, 0, 1, 0>} : (tensor<1x1x2x1x!x>) -> tensor<1x1x2x1x2x1x!x>
  return %0 : tensor<1x1x2x1x2x1x!x>
}

// Operands of one scale and zero point; relu's bounds are forgotten.
// CHECK-NEXT: concat: 1 20 2
func.func @concat(%a: tensor<1x1x!x> {weir.value = dense<[[1]]> : tensor<1x1xi8>}, %b: tensor<1x2x!quant.uniform<u8<10:255>:f32, 0.5:10>> {weir.value = dense<[[20, 2]]> : tensor<1x2xi8>}) -> tensor<1x3x!x> {
  %0 = weir.concat %a, %b : (tensor<1x1x!x>, tensor<1x2x!quant.uniform<u8<10:255>:f32, 0.5:10>>) -> tensor<1x3x!x>
  return %0 : tensor<1x3x!x>
}

// Scales move with what they are along: a weight [kernel, channels, filters] as a matrix, parts of its filters, sums of groups joined.
// CHECK-NEXT: channels: 2 4
// CHECK-NEXT: channels: 2 1 4 3
!w = !quant.uniform<i8<-127:127>:f32:2, {0.5, 0.25}>
!m = !quant.uniform<i8<-127:127>:f32:1, {0.5, 0.25}>
!p = !quant.uniform<i8<-127:127>:f32:1, {0.25}>
!q = !quant.uniform<i8<-127:127>:f32:1, {0.5}>
!j = !quant.uniform<i8<-127:127>:f32:1, {0.25, 0.5}>
func.func @channels(%w: tensor<1x2x2x!w> {weir.value = dense<[[[1, 2], [3, 4]]]> : tensor<1x2x2xi8>}) -> (tensor<2x1x!p>, tensor<2x2x!j>) {
  %0 = weir.view %w : tensor<1x2x2x!w> -> tensor<2x2x!m>
  %1 = weir.slice %0 {begin = 1 : i64, end = 2 : i64} : (tensor<2x2x!m>) -> tensor<2x1x!p>
  %2 = weir.slice %0 {begin = 0 : i64, end = 1 : i64} : (tensor<2x2x!m>) -> tensor<2x1x!q>
  %3 = weir.concat %1, %2 : (tensor<2x1x!p>, tensor<2x1x!q>) -> tensor<2x2x!j>
  return %1, %3 : tensor<2x1x!p>, tensor<2x2x!j>
}

// CHECK-NEXT: shapes: 1 2 3 4
func.func @shapes(%x: tensor<1x2x2x!x> {weir.value = dense<[[[1, 3], [2, 4]]]> : tensor<1x2x2xi8>}) -> tensor<1x4x1x!x> {
  %0 = weir.transpose %x {permutation = array<i64: 1, 0>} : (tensor<1x2x2x!x>) -> tensor<1x2x2x!x>
  %1 = weir.flatten %0 : (tensor<1x2x2x!x>) -> tensor<1x4x!x>
  %2 = weir.reshape %1 {shape = array<i64: -1, 1>} : (tensor<1x4x!x>) -> tensor<1x4x1x!x>
  return %2 : tensor<1x4x1x!x>
}

// A variable of quantized values, as it is stored.
// CHECK-NEXT: variable: -1 127
!q0 = !quant.uniform<i8<-127:127>:f32, 0.5>
weir.variable @v : tensor<2x!q0> {init = {kind = "zeros"}, kind = "parameter", weir.value = dense<[-1, 127]> : tensor<2xi8>}
func.func @variable() -> tensor<2x!q0> {
  %0 = weir.read @v : tensor<2x!q0>
  return %0 : tensor<2x!q0>
}

// -----

// C5 of concat
func.func @concat(%a: tensor<1x1x!quant.uniform<u8:f32, 0.5>>, %b: tensor<1x1x!quant.uniform<u8:f32, 0.25>>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'concat' expects values of one scale and zero point}}
  %0 = weir.concat %a, %b : (tensor<1x1x!quant.uniform<u8:f32, 0.5>>, tensor<1x1x!quant.uniform<u8:f32, 0.25>>) -> tensor<1x2x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @mixed(%a: tensor<1x1x!quant.uniform<u8:f32, 0.5>>, %b: tensor<1x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'concat' expects values of one scale and zero point}}
  %0 = weir.concat %b, %a : (tensor<1x1xf32>, tensor<1x1x!quant.uniform<u8:f32, 0.5>>) -> tensor<1x2xf32>
  return
}

// -----

// C2 of view: another scale would be another number.
func.func @scale(%x: tensor<1x2x!quant.uniform<u8:f32, 0.5>>) {
  // expected-error@+1 {{'weir.view' op expects elements that stand for the same}}
  %0 = weir.view %x : tensor<1x2x!quant.uniform<u8:f32, 0.5>> -> tensor<2x!quant.uniform<u8:f32, 0.25>>
  return
}

// -----

func.func @axis(%x: tensor<2x3x!quant.uniform<i32:f32:1, {0.5, 0.25, 0.125}>>) {
  // expected-error@+1 {{'weir.view' op expects elements that stand for the same}}
  %0 = weir.view %x : tensor<2x3x!quant.uniform<i32:f32:1, {0.5, 0.25, 0.125}>> -> tensor<3x2x!quant.uniform<i32:f32:0, {0.5, 0.25, 0.125}>>
  return
}

// -----

// C2 of flatten, C3 of reshape, C2 of transpose
!s = !quant.uniform<i32:f32:2, {0.5, 0.25}>
func.func @flatten(%x: tensor<1x2x2x!s>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'flatten' expects values of one scale}}
  %0 = weir.flatten %x : (tensor<1x2x2x!s>) -> tensor<1x4x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!s = !quant.uniform<i32:f32:2, {0.5, 0.25}>
func.func @reshape(%x: tensor<1x2x2x!s>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'reshape' expects values of one scale}}
  %0 = weir.reshape %x {shape = array<i64: 4>} : (tensor<1x2x2x!s>) -> tensor<1x4x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!s = !quant.uniform<i32:f32:2, {0.5, 0.25}>
func.func @transpose(%x: tensor<1x2x2x!s>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'transpose' expects values of one scale}}
  %0 = weir.transpose %x {permutation = array<i64: 1, 0>} : (tensor<1x2x2x!s>) -> tensor<1x2x2x!s>
  return
}
