// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Cut off at 0 and at 6.
// CHECK: relu6: 0 0 0 0.5 6 6
func.func @relu6(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 6.0, 7.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.relu6 %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// The result has the operand's type.
func.func @other_shape(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.relu6 %x : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
