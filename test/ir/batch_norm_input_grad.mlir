// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// By torch's batch_norm with epsilon 0.5. Each column sums to 0: what all values share is normalised away.
// CHECK: input: 0.5 -0.103816 0 0.257782 -0.5 -0.064206 0 -0.0897606
func.func @input(%dy: tensor<4x2xf32> {weir.value = dense<[[1.0, -2.0], [0.0, 2.0], [-1.0, 1.0], [-2.0, 0.0]]> : tensor<4x2xf32>},
                 %x: tensor<4x2xf32> {weir.value = dense<[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [6.0, 24.0]]> : tensor<4x2xf32>},
                 %s: tensor<2xf32> {weir.value = dense<[2.0, 1.0]> : tensor<2xf32>},
                 %m: tensor<2xf32> {weir.value = dense<[3.0, 21.0]> : tensor<2xf32>},
                 %v: tensor<2xf32> {weir.value = dense<[3.5, 53.0]> : tensor<2xf32>},
                 %ds: tensor<2xf32> {weir.value = dense<[-4.0, 3.964798376743047]> : tensor<2xf32>},
                 %do: tensor<2xf32> {weir.value = dense<[-2.0, 1.0]> : tensor<2xf32>})
    -> tensor<4x2xf32> {
  %0 = weir.batch_norm_input_grad %dy, %x, %s, %m, %v, %ds, %do {epsilon = 0.5} : (tensor<4x2xf32>, tensor<4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

// C1
func.func @scale(%dy: tensor<2x3xf32>, %x: tensor<2x3xf32>, %s: tensor<2xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>, %ds: tensor<3xf32>, %do: tensor<3xf32>) {
  // expected-error@+1 {{'batch_norm_input_grad' expects one number for each of 3 channels, but got 2}}
  %0 = weir.batch_norm_input_grad %dy, %x, %s, %m, %v, %ds, %do {epsilon = 0.1} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @rank(%dy: tensor<3xf32>, %x: tensor<3xf32>, %s: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>, %ds: tensor<3xf32>, %do: tensor<3xf32>) {
  // expected-error@+1 {{'batch_norm_input_grad' expects a batch of values, but got 3}}
  %0 = weir.batch_norm_input_grad %dy, %x, %s, %m, %v, %ds, %do {epsilon = 0.1} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}
