// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// log(exp(-2) + exp(-1) + 1) = 0.407606 below the largest; three equals have log(1/3).
// CHECK: log_softmax: -2.40761 -1.40761 -0.407606 -1.09861 -1.09861 -1.09861
func.func @log_softmax(%x: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.log_softmax %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Scores of any size: what is 2000 below has no share in the sum.
// CHECK-NEXT: large: 0 -2000
func.func @large(%x: tensor<1x2xf32> {weir.value = dense<[[1000.0, -1000.0]]> : tensor<1x2xf32>}) -> tensor<1x2xf32> {
  %0 = weir.log_softmax %x : tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// The result has the operand's type.
func.func @other_shape(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.log_softmax %x : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
