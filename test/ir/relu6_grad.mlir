// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dy strictly between 0 and 6; nothing at the ends themselves.
// CHECK: relu6_grad: 0 0 3 4 0 0
func.func @relu6_grad(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, 0.0, 0.5], [5.5, 6.0, 7.0]]> : tensor<2x3xf32>},
                      %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.relu6_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.relu6_grad %x, %dy : tensor<2x3xf32>
  return
}
