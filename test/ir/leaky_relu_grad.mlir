// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// dy above zero, a hundredth of it elsewhere, at 0 too.
// CHECK: leaky_relu_grad: 0.01 0.02 3 4 0.05 6
func.func @leaky_relu_grad(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, 0.0, 0.5], [1.0, -1.0, 3.0]]> : tensor<2x3xf32>},
                           %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.leaky_relu_grad %x, %dy : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// The slope given.
// CHECK-NEXT: slope: 0.25 0.5 3 4 1.25 6
func.func @slope(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, 0.0, 0.5], [1.0, -1.0, 3.0]]> : tensor<2x3xf32>},
                 %dy: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>})
    -> tensor<2x3xf32> {
  %0 = weir.leaky_relu_grad %x, %dy {slope = 0.25} : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both operands have the result's type.
func.func @other_shape(%x: tensor<2x3xf32>, %dy: tensor<3x2xf32>) {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.leaky_relu_grad %x, %dy : tensor<2x3xf32>
  return
}
