// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Each value times the factor.
// CHECK: scale: -0.5 1 -2
func.func @scale(%x: tensor<3xf32> {weir.value = dense<[1.0, -2.0, 4.0]> : tensor<3xf32>}) -> tensor<3xf32> {
  %0 = weir.scale %x {factor = -0.5} : tensor<3xf32>
  return %0 : tensor<3xf32>
}
