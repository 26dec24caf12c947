// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Values of math.tanh.
// CHECK: tanh: -0.964028 -0.462117 0 0.462117 0.761594 0.995055
func.func @tanh(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.tanh %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// The result has the operand's type.
func.func @other_shape(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.tanh %x : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

// Values are f32.
func.func @integers(%x: tensor<3xi32>) -> tensor<3xi32> {
  // expected-error@+1 {{operand #0 must be}}
  %0 = weir.tanh %x : tensor<3xi32>
  return %0 : tensor<3xi32>
}
