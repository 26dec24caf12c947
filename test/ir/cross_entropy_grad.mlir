// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// 6 / 3 * (softmax - label): 2 * (1/4), 2 * (1/4 - 1) in the first row; each row sums to 0.
// CHECK: cross_entropy_grad: 0.5 0.5 0.5 -1.5 0.144659 0.393224 -0.931107 0.393224 0.993307 -1.00669 0.00669285 0.00669285
func.func @cross_entropy_grad(%x: tensor<3x4xf32> {weir.value = dense<[[0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 2.0], [5.0, 5.0, 0.0, 0.0]]> : tensor<3x4xf32>}, %labels: tensor<3xi32> {weir.value = dense<[3, 2, 1]> : tensor<3xi32>},
                              %d: tensor<f32> {weir.value = dense<6.0> : tensor<f32>}) -> tensor<3x4xf32> {
  %0 = weir.cross_entropy_grad %x, %labels, %d : (tensor<3x4xf32>, tensor<3xi32>, tensor<f32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// The targets are 0.85 and three times 0.05 instead of 1 and 0: 0.3 more at the label, 0.1 less elsewhere.
// CHECK-NEXT: smoothed: 0.4 0.4 0.4 -1.2 0.044659 0.293224 -0.631107 0.293224 0.893307 -0.706693 -0.0933071 -0.0933071
func.func @smoothed(%x: tensor<3x4xf32> {weir.value = dense<[[0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 2.0], [5.0, 5.0, 0.0, 0.0]]> : tensor<3x4xf32>}, %labels: tensor<3xi32> {weir.value = dense<[3, 2, 1]> : tensor<3xi32>},
                    %d: tensor<f32> {weir.value = dense<6.0> : tensor<f32>}) -> tensor<3x4xf32> {
  %0 = weir.cross_entropy_grad %x, %labels, %d {label_smoothing = 0.2} : (tensor<3x4xf32>, tensor<3xi32>, tensor<f32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

func.func @result(%x: tensor<3x4xf32>, %labels: tensor<3xi32>, %d: tensor<f32>) {
  // expected-error@+1 {{failed to verify that all of {logits, result} have same type}}
  %0 = weir.cross_entropy_grad %x, %labels, %d : (tensor<3x4xf32>, tensor<3xi32>, tensor<f32>) -> tensor<4x3xf32>
  return
}
