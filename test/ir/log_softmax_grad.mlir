// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Probabilities 1/2, 1/4, 1/4 and dy of sum 9: dy less 4.5, 2.25 and 2.25.
// CHECK: log_softmax_grad: -3.5 0.75 2.75
func.func @log_softmax_grad(%y: tensor<1x3xf32> {weir.value = dense<[[-0.6931471805599453, -1.3862943611198906, -1.3862943611198906]]> : tensor<1x3xf32>},
                            %dy: tensor<1x3xf32> {weir.value = dense<[[1.0, 3.0, 5.0]]> : tensor<1x3xf32>})
    -> tensor<1x3xf32> {
  %0 = weir.log_softmax_grad %y, %dy : tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.log_softmax_grad %x, %dy : tensor<2x3xf32>
  return
}
