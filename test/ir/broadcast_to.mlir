// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// A column sideways, a row downwards, one value everywhere; the same shape stays.
// CHECK: broadcast_to: 1 1 1 2 2 2
// CHECK-NEXT: broadcast_to: 1 2 3 1 2 3
// CHECK-NEXT: broadcast_to: 7 7 7 7
// CHECK-NEXT: broadcast_to: 1 2 3
func.func @broadcast_to(%column: tensor<2x1xf32> {weir.value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>},
                        %row: tensor<1x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>},
                        %one: tensor<1x1xf32> {weir.value = dense<[[7.0]]> : tensor<1x1xf32>})
    -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<1x3xf32>) {
  %0 = weir.broadcast_to %column : tensor<2x1xf32> -> tensor<2x3xf32>
  %1 = weir.broadcast_to %row : tensor<1x3xf32> -> tensor<2x3xf32>
  %2 = weir.broadcast_to %one : tensor<1x1xf32> -> tensor<2x2xf32>
  %3 = weir.broadcast_to %row : tensor<1x3xf32> -> tensor<1x3xf32>
  return %0, %1, %2, %3 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<1x3xf32>
}

// -----

// C1
func.func @rank(%x: tensor<3xf32>) {
  // expected-error@+1 {{expects a shape that 'tensor<3xf32>' broadcasts to, but got 'tensor<2x3xf32>'}}
  %0 = weir.broadcast_to %x : tensor<3xf32> -> tensor<2x3xf32>
  return
}

// -----

// C2: only what is 1 is repeated.
func.func @size(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a shape that 'tensor<2x3xf32>' broadcasts to, but got 'tensor<4x3xf32>'}}
  %0 = weir.broadcast_to %x : tensor<2x3xf32> -> tensor<4x3xf32>
  return
}
