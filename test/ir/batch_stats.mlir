// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// 1 2 3 6 and 10 20 30 24.
// CHECK: rows: 3 21
// CHECK-NEXT: rows: 3.5 53
func.func @rows(%x: tensor<4x2xf32> {weir.value = dense<[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [6.0, 24.0]]> : tensor<4x2xf32>})
    -> (tensor<2xf32>, tensor<2xf32>) {
  %0:2 = weir.batch_stats %x : (tensor<4x2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}

// CHECK-NEXT: maps: 2.5
// CHECK-NEXT: maps: 1.25
func.func @maps(%x: tensor<1x2x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32>})
    -> (tensor<1xf32>, tensor<1xf32>) {
  %0:2 = weir.batch_stats %x : (tensor<1x2x2x1xf32>) -> (tensor<1xf32>, tensor<1xf32>)
  return %0#0, %0#1 : tensor<1xf32>, tensor<1xf32>
}

// -----

func.func @rank(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_stats' expects a batch of values, but got 3}}
  %0:2 = weir.batch_stats %x : (tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>)
  return
}
