// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// By torch's batch_norm with epsilon 0.5; doffset is the sum of each column.
// CHECK: sums: -4 3.9648
// CHECK-NEXT: sums: -2 1
func.func @sums(%dy: tensor<4x2xf32> {weir.value = dense<[[1.0, -2.0], [0.0, 2.0], [-1.0, 1.0], [-2.0, 0.0]]> : tensor<4x2xf32>},
                %x: tensor<4x2xf32> {weir.value = dense<[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [6.0, 24.0]]> : tensor<4x2xf32>},
                %m: tensor<2xf32> {weir.value = dense<[3.0, 21.0]> : tensor<2xf32>},
                %v: tensor<2xf32> {weir.value = dense<[3.5, 53.0]> : tensor<2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>) {
  %0:2 = weir.batch_norm_sums %dy, %x, %m, %v {epsilon = 0.5} : (tensor<4x2xf32>, tensor<4x2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}

// -----

func.func @dy(%dy: tensor<3x2xf32>, %x: tensor<2x3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm_sums' expects dy of x's shape 2x3 of rank 2 or more, but got 3x2}}
  %0:2 = weir.batch_norm_sums %dy, %x, %m, %v {epsilon = 0.1} : (tensor<3x2xf32>, tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @mean(%dy: tensor<2x3xf32>, %x: tensor<2x3xf32>, %m: tensor<2xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm_sums' expects one number for each of 3 channels, but got 2}}
  %0:2 = weir.batch_norm_sums %dy, %x, %m, %v {epsilon = 0.1} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>)
  return
}
