// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dy * (Phi(x) + x * phi(x)); tables: phi(0.5) = 0.352065, phi(1) = 0.241971, phi(2) = 0.053991. At 0: 3 / 2.
// CHECK: gelu_grad: -0.0852318 0.26501 1.5 3.46998 5.41658 6.07167
func.func @gelu_grad(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>}, %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.gelu_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// The derivative of the approximation, checked against differences of the approximation itself in Python.
// CHECK-NEXT: gelu_tanh_grad: -0.0860993 0.26526 1.5 3.46948 5.41482 6.0695
func.func @gelu_tanh_grad(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>}, %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.gelu_grad %x, %dy {approximation = "tanh"} : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.gelu_grad %x, %dy : tensor<2x3xf32>
  return
}
