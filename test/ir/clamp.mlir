// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Cut off at both ends.
// CHECK: clamp: -0.75 -0.5 0 0.5 0.75
func.func @clamp(%x: tensor<5xf32> {weir.value = dense<[-3.0, -0.5, 0.0, 0.5, 3.0]> : tensor<5xf32>})
    -> tensor<5xf32> {
  %0 = weir.clamp %x {limit = 0.75} : tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----

// C1
func.func @limit(%x: tensor<3xf32>) {
  // expected-error@+1 {{expects a limit above 0, but got -1}}
  %0 = weir.clamp %x {limit = -1.0} : tensor<3xf32>
  return
}
