// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dy * (s + x s (1 - s)): 1/2 at zero; s(1) = 0.731059 and s(1) (1 - s(1)) = 0.196612, so 0.927671 at 1.
// CHECK: swish_grad: -3.91619e-08 0.144659 1.5 2.95984 4.63835 6
func.func @swish_grad(%x: tensor<2x3xf32> {weir.value = dense<[[-20.0, -1.0, 0.0], [0.5, 1.0, 20.0]]> : tensor<2x3xf32>},
                      %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.swish_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.swish_grad %x, %dy : tensor<2x3xf32>
  return
}
