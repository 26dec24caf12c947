// RUN: %weir opt %s --pass-pipeline=simplify --check-passes -o %t 2>&1 | FileCheck %s --check-prefix=BOUND
// RUN: weir-opt %s --simplify | FileCheck %s
// BOUND: simplify{{ +}}within{{ +}}0{{ +}}0

// Variables that carry their value, and are assigned nowhere in this file. What nobody reads any more goes.
// CHECK-DAG: weir.variable @w : tensor<4xf32> {{.*}}value = dense<[1.000000e+00, -2.000000e+00, 3.000000e+00, -4.000000e+00]>
// CHECK-DAG: weir.variable @w_folded2 : tensor<4xf32> {{.*}}value = dense_resource<w_folded2> : tensor<4xf32>
// CHECK-NOT: @gone
weir.variable @w : tensor<4xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[1.0, -2.0, 3.0, -4.0]> : tensor<4xf32>}
weir.variable @gone : tensor<4xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[0.5, 0.5, 0.5, 0.25]> : tensor<4xf32>}
weir.variable @row : tensor<1x4xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>}
weir.variable @unknown : tensor<4xf32> {init = {kind = "zeros"}, kind = "parameter"}

// 2 * 3 + 1 everywhere, through two ops.
// CHECK-LABEL: func.func @repeated
// CHECK-NEXT: %[[SEVEN:.*]] = weir.fill 7.000000e+00 : tensor<2x3xf32>
// CHECK-NEXT: %[[SUM:.*]] = weir.add %arg0, %[[SEVEN]]
// CHECK-NEXT: return %[[SUM]]
func.func @repeated(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %two = weir.fill 2.0 : tensor<2x3xf32>
  %three = weir.fill 3.0 : tensor<2x3xf32>
  %one = weir.fill 1.0 : tensor<2x3xf32>
  %0 = weir.mul %two, %three : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = weir.add %0, %one : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = weir.add %x, %1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %2 : tensor<2x3xf32>
}

// What two ops make of variables is another variable, the same one for all functions.
// CHECK-LABEL: func.func @stored
// CHECK-NEXT: %[[FOLDED:.*]] = weir.read @w_folded2
// CHECK-NEXT: weir.add %arg0, %[[FOLDED]]
func.func @stored(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = weir.read @w : tensor<4xf32>
  %gone = weir.read @gone : tensor<4xf32>
  %0 = weir.relu %w : tensor<4xf32>
  %1 = weir.mul %0, %gone : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = weir.add %x, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
// CHECK-LABEL: func.func @shared
// CHECK-NEXT: weir.read @w_folded2
// CHECK-NEXT: return
func.func @shared() -> tensor<4xf32> {
  %w = weir.read @w : tensor<4xf32>
  %gone = weir.read @gone : tensor<4xf32>
  %0 = weir.relu %w : tensor<4xf32>
  %1 = weir.mul %0, %gone : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// Not what float32 would round, not what would grow, and nothing of a variable whose value is not known.
// CHECK-LABEL: func.func @kept
// CHECK: weir.sigmoid
// CHECK: weir.broadcast_to
// CHECK: weir.relu
func.func @kept() -> (tensor<4xf32>, tensor<3x4xf32>, tensor<4xf32>) {
  %w = weir.read @w : tensor<4xf32>
  %row = weir.read @row : tensor<1x4xf32>
  %unknown = weir.read @unknown : tensor<4xf32>
  %0 = weir.sigmoid %w : tensor<4xf32>
  %1 = weir.broadcast_to %row : tensor<1x4xf32> -> tensor<3x4xf32>
  %2 = weir.relu %unknown : tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<3x4xf32>, tensor<4xf32>
}

// 0.5 * max(1, 0), 0.5 * max(-2, 0), 0.5 * max(3, 0), 0.25 * max(-4, 0).
// CHECK: w_folded2: "0x400000000000003F000000000000C03F00000000"
