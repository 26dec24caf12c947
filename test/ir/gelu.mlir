// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// x * Phi(x), from tables of the normal distribution: Phi(0.5) = 0.691462, Phi(1) = 0.841345, Phi(2) = 0.977250,
// Phi(3) = 0.998650.
// CHECK: gelu: -0.0455003 -0.154269 0 0.345731 0.841345 2.99595
func.func @gelu(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.gelu %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// gelu(x, approximate='tanh') of torch.
// CHECK-NEXT: gelu_tanh: -0.0454023 -0.154286 0 0.345714 0.841192 2.99636
func.func @gelu_tanh(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.gelu %x {approximation = "tanh"} : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// C1
func.func @approximation(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error@+1 {{'gelu' expects approximation "none" or "tanh", but got "sigmoid"}}
  %0 = weir.gelu %x {approximation = "sigmoid"} : tensor<3xf32>
  return %0 : tensor<3xf32>
}
