// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dy * exp(x) up to zero: exp(-2) = 0.135335, exp(-0.5) = 0.606531.
// CHECK: elu_grad: 0.135335 1.21306 3 4 5 6
func.func @elu_grad(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>},
                    %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.elu_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Times alpha.
// CHECK-NEXT: alpha: 0.0676676 0.606531 1.5 4 5 6
func.func @alpha(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>},
                 %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.elu_grad %x, %dy {alpha = 0.5} : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.elu_grad %x, %dy : tensor<2x3xf32>
  return
}
