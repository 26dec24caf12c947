// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s

!q = !quant.uniform<u8:f32, 0.5:128>
!s = !quant.uniform<i32:f32, 0.25>

// Stored integers: 1 * 1 + 2 * 2 + 255 * 3 + 100, and with the second unit's weights -127 and 200.
// CHECK: pairs: 870 -32821
func.func @pairs(%x: tensor<1x3x!q> {weir.value = dense<[[1, 2, 255]]> : tensor<1x3xi8>},
                 %w: tensor<2x3x2xi8> {weir.value = dense<[[[1, 2], [-127, -127], [0, 0]], [[3, 0], [-127, 0], [0, 0]]]> : tensor<2x3x2xi8>},
                 %b: tensor<3xi32> {weir.value = dense<[100, -55, 0]> : tensor<3xi32>}) -> tensor<1x2x!s> {
  %0 = weir.packed_dense %x, %w, %b : (tensor<1x3x!q>, tensor<2x3x2xi8>, tensor<3xi32>) -> tensor<1x2x!s>
  return %0 : tensor<1x2x!s>
}

// Two rows in groups of four.
// CHECK-NEXT: quads: 10 20
func.func @quads(%x: tensor<2x4x!q> {weir.value = dense<[[1, 1, 1, 1], [2, 2, 2, 2]]> : tensor<2x4xi8>},
                 %w: tensor<1x1x4xi8> {weir.value = dense<[[[1, 2, 3, 4]]]> : tensor<1x1x4xi8>},
                 %b: tensor<1xi32> {weir.value = dense<0> : tensor<1xi32>}) -> tensor<2x1x!s> {
  %0 = weir.packed_dense %x, %w, %b : (tensor<2x4x!q>, tensor<1x1x4xi8>, tensor<1xi32>) -> tensor<2x1x!s>
  return %0 : tensor<2x1x!s>
}

// -----

// C1
func.func @rows(%x: tensor<2x4x!quant.uniform<u8:f32, 0.5>>, %w: tensor<1x1x4xi8>, %b: tensor<1xi32>) {
  // expected-error@+1 {{expects matrices of as many rows, but got 2x4 and 3x1}}
  %0 = weir.packed_dense %x, %w, %b : (tensor<2x4x!quant.uniform<u8:f32, 0.5>>, tensor<1x1x4xi8>, tensor<1xi32>) -> tensor<3x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

// C2: groups of 3, and a group too few.
func.func @groups(%x: tensor<2x6x!quant.uniform<u8:f32, 0.5>>, %w: tensor<2x1x3xi8>, %b: tensor<1xi32>) {
  // expected-error@+1 {{expects the weights of 6 terms in groups of 2 or 4, but got 2x1x3}}
  %0 = weir.packed_dense %x, %w, %b : (tensor<2x6x!quant.uniform<u8:f32, 0.5>>, tensor<2x1x3xi8>, tensor<1xi32>) -> tensor<2x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

// C2
func.func @depth(%x: tensor<2x6x!quant.uniform<u8:f32, 0.5>>, %w: tensor<1x1x4xi8>, %b: tensor<1xi32>) {
  // expected-error@+1 {{expects the weights of 6 terms in groups of 2 or 4, but got 1x1x4}}
  %0 = weir.packed_dense %x, %w, %b : (tensor<2x6x!quant.uniform<u8:f32, 0.5>>, tensor<1x1x4xi8>, tensor<1xi32>) -> tensor<2x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

// C3
func.func @bias(%x: tensor<2x4x!quant.uniform<u8:f32, 0.5>>, %w: tensor<1x2x4xi8>, %b: tensor<1xi32>) {
  // expected-error@+1 {{expects a bias of 2, but got 1}}
  %0 = weir.packed_dense %x, %w, %b : (tensor<2x4x!quant.uniform<u8:f32, 0.5>>, tensor<1x2x4xi8>, tensor<1xi32>) -> tensor<2x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

// C4
func.func @units(%x: tensor<2x4x!quant.uniform<u8:f32, 0.5>>, %w: tensor<1x2x4xi8>, %b: tensor<2xi32>) {
  // expected-error@+1 {{expects at most 2 units, those of the weights, but got 3}}
  %0 = weir.packed_dense %x, %w, %b : (tensor<2x4x!quant.uniform<u8:f32, 0.5>>, tensor<1x2x4xi8>, tensor<2xi32>) -> tensor<2x3x!quant.uniform<i32:f32, 0.5>>
  return
}
