// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dy times the transposed weight: [1 2] . [1 -1] = -1, [1 2] . [0.5 2] = 4.5, [1 2] . [0 3] = 6; the second row is
// minus the weight's second column.
// CHECK: input: -1 4.5 6 1 -2 -3
func.func @input(%dy: tensor<2x2xf32> {weir.value = dense<[[1.0, 2.0], [0.0, -1.0]]> : tensor<2x2xf32>}, %w: tensor<3x2xf32> {weir.value = dense<[[1.0, -1.0], [0.5, 2.0], [0.0, 3.0]]> : tensor<3x2xf32>}) -> tensor<2x3xf32> {
  %0 = weir.dense_input_grad %dy, %w : (tensor<2x2xf32>, tensor<3x2xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @units(%dy: tensor<2x2xf32>, %w: tensor<2x3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dense_input_grad' expects [batch, units] and [features, units]}}
  %0 = weir.dense_input_grad %dy, %w : (tensor<2x2xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
