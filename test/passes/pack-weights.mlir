// RUN: weir-opt %s --pack-weights --remarks-filter-missed=layout --split-input-file --verify-diagnostics | FileCheck %s
// RUN: weir-opt %s --evaluate --split-input-file -o /dev/null 2>/dev/null | FileCheck %s --check-prefix=VALUE
// RUN: weir-opt %s --pack-weights --evaluate --split-input-file -o /dev/null 2>/dev/null | FileCheck %s --check-prefix=VALUE

// The zero point is 3, so each sum is 3 times the unit's weights too large: (5 - 3) * 1 + (7 - 3) * 2 + (0 - 3) * 3 + 4 and so on.
// CHECK-LABEL: weir.variable @dense.weight_packed : tensor<1x16x4xi8>
// CHECK: weir.variable @dense.weight_sums : tensor<16xi32>
// CHECK-NOT: weir.variable
// CHECK-LABEL: func.func @dense
// CHECK: %[[W:.*]] = weir.read @dense.weight_packed
// CHECK: %[[B:.*]] = weir.read @dense.weight_sums
// CHECK: weir.packed_dense %{{.*}}, %[[W]], %[[B]] : {{.*}} -> tensor<2x2x!quant.uniform<i32:f32:1, {1.000000e+00,2.000000e+00}>>
// CHECK-LABEL: func.func @again
// CHECK: weir.read @dense.weight_packed
// VALUE: dense: 5 257 -14 -378
// VALUE-NEXT: again: -14 -378
!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32:1, {2.0, 4.0}>
!s = !quant.uniform<i32:f32:1, {1.0, 2.0}>
!b = !quant.uniform<i32:f32:0, {1.0, 2.0}>
weir.variable @dense.weight : tensor<3x2x!w> {init = {kind = "embedded"}, kind = "parameter", value = dense<[[1, 127], [2, 0], [3, -1]]> : tensor<3x2xi8>}
weir.variable @dense.bias : tensor<2x!b> {init = {kind = "embedded"}, kind = "parameter", value = dense<[4, 0]> : tensor<2xi32>}
func.func @dense(%x: tensor<2x3x!q> {weir.value = dense<[[5, 7, 0], [0, 0, 0]]> : tensor<2x3xi8>}) -> tensor<2x2x!s> {
  %w = weir.read @dense.weight : tensor<3x2x!w>
  %b = weir.read @dense.bias : tensor<2x!b>
  %0 = weir.dense %x, %w, %b {units = 2 : i64} : (tensor<2x3x!q>, tensor<3x2x!w>, tensor<2x!b>) -> tensor<2x2x!s>
  return %0 : tensor<2x2x!s>
}
func.func @again(%x: tensor<1x3x!q> {weir.value = dense<0> : tensor<1x3xi8>}) -> tensor<1x2x!s> {
  %w = weir.read @dense.weight : tensor<3x2x!w>
  %b = weir.read @dense.bias : tensor<2x!b>
  %0 = weir.dense %x, %w, %b {units = 2 : i64} : (tensor<1x3x!q>, tensor<3x2x!w>, tensor<2x!b>) -> tensor<1x2x!s>
  return %0 : tensor<1x2x!s>
}

// -----

// Pairs, where the module asks for them; without a bias.
// CHECK-LABEL: module attributes {weir.dot_terms = 2 : i64}
// CHECK: weir.variable @dense.weight_packed : tensor<2x16x2xi8>
// CHECK: weir.packed_dense
// VALUE: pairs: -14
module attributes {weir.dot_terms = 2 : i64} {
  weir.variable @dense.weight : tensor<3x1x!quant.uniform<i8<-127:127>:f32, 2.0>> {init = {kind = "embedded"}, kind = "parameter", value = dense<[[1], [2], [3]]> : tensor<3x1xi8>}
  func.func @pairs(%x: tensor<1x3x!quant.uniform<u8:f32, 0.5:3>> {weir.value = dense<[[1, 0, 1]]> : tensor<1x3xi8>}) -> tensor<1x1x!quant.uniform<i32:f32, 1.0>> {
    %w = weir.read @dense.weight : tensor<3x1x!quant.uniform<i8<-127:127>:f32, 2.0>>
    %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x3x!quant.uniform<u8:f32, 0.5:3>>, tensor<3x1x!quant.uniform<i8<-127:127>:f32, 2.0>>) -> tensor<1x1x!quant.uniform<i32:f32, 1.0>>
    return %0 : tensor<1x1x!quant.uniform<i32:f32, 1.0>>
  }
}

// -----

// What stays says why.
// CHECK-LABEL: func.func @unknown
// VALUE: unknown: 42
// CHECK: weir.dense
func.func @unknown(%x: tensor<1x3x!quant.uniform<u8:f32, 0.5:3>> {weir.value = dense<5> : tensor<1x3xi8>},
                   %w: tensor<3x1x!quant.uniform<i8<-127:127>:f32, 2.0>> {weir.value = dense<7> : tensor<3x1xi8>}) -> tensor<1x1x!quant.uniform<i32:f32, 1.0>> {
  // expected-remark@+1 {{'dense' is not packed: its weights are no known values}}
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x3x!quant.uniform<u8:f32, 0.5:3>>, tensor<3x1x!quant.uniform<i8<-127:127>:f32, 2.0>>) -> tensor<1x1x!quant.uniform<i32:f32, 1.0>>
  return %0 : tensor<1x1x!quant.uniform<i32:f32, 1.0>>
}
