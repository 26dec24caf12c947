// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// The mask is that of a threefry written in Python from the paper: element i is kept where the first word for key
// [7, 0 ^ 2 * 0x9e3779b9] and counter [i, 3] is at least 2^30; kept values are divided by 0.75. The next step's mask is
// another one; seed words above 2^31 are as good as any (they are negative as i32).
// CHECK: dropout: 4 8 12 16 20 24 28 0
// CHECK-NEXT: dropout: 4 0 12 16 0 24 28 32
// CHECK-NEXT: dropout: 6 12 0 24 0 36 0 0
func.func @dropout(%x: tensor<2x4xf32> {weir.value = dense<[[3.0, 6.0, 9.0, 12.0], [15.0, 18.0, 21.0, 24.0]]> : tensor<2x4xf32>},
                   %counter: tensor<3xi32> {weir.value = dense<[7, 0, 3]> : tensor<3xi32>},
                   %next: tensor<3xi32> {weir.value = dense<[7, 0, 4]> : tensor<3xi32>},
                   %high: tensor<3xi32> {weir.value = dense<[-1, -2147483648, 3]> : tensor<3xi32>})
    -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) {
  %0 = weir.dropout %x, %counter {rate = 0.25, stream = 2 : i64} : (tensor<2x4xf32>, tensor<3xi32>) -> tensor<2x4xf32>
  %1 = weir.dropout %x, %next {rate = 0.25, stream = 2 : i64} : (tensor<2x4xf32>, tensor<3xi32>) -> tensor<2x4xf32>
  %2 = weir.dropout %x, %high {rate = 0.5, stream = 1 : i64} : (tensor<2x4xf32>, tensor<3xi32>) -> tensor<2x4xf32>
  return %0, %1, %2 : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>
}

// Without a counter, or at rate 0, nothing is dropped.
// CHECK-NEXT: identity: 1 2 3
// CHECK-NEXT: identity: 1 2 3
func.func @identity(%x: tensor<3xf32> {weir.value = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>},
                    %counter: tensor<3xi32> {weir.value = dense<[7, 0, 3]> : tensor<3xi32>}) -> (tensor<3xf32>, tensor<3xf32>) {
  %0 = weir.dropout %x {rate = 0.9} : (tensor<3xf32>) -> tensor<3xf32>
  %1 = weir.dropout %x, %counter {rate = 0.0} : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// -----

// C1: 1 would divide by zero.
func.func @one(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dropout' expects a rate from 0 to below 1, but got 1}}
  %0 = weir.dropout %x {rate = 1.0} : (tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

// C1
func.func @negative(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dropout' expects a rate from 0 to below 1, but got -}}
  %0 = weir.dropout %x {rate = -0.5} : (tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

// C2
func.func @counter(%x: tensor<3xf32>, %counter: tensor<2xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dropout' expects a counter of three words, but got 'tensor<2xi32>'}}
  %0 = weir.dropout %x, %counter : (tensor<3xf32>, tensor<2xi32>) -> tensor<3xf32>
  return
}

// -----

// C1: no number
func.func @nan(%x: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'dropout' expects a rate from 0 to below 1, but got nan}}
  %0 = weir.dropout %x {rate = 0x7FF8000000000000 : f64} : (tensor<3xf32>) -> tensor<3xf32>
  return
}
