// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: same: 3 5 7 9 11 13
func.func @same(%a: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                %b: tensor<2x3xf32> {weir.value = dense<[[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.add %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// A row is repeated downwards, a column sideways, and both at once make a table. Either side may be the small one.
// CHECK-NEXT: broadcast: 11 22 33 14 25 36
// CHECK-NEXT: broadcast: 1.5 2.5 3.5 6 7 8
// CHECK-NEXT: broadcast: 10.5 20.5 30.5 12 22 32
func.func @broadcast(%a: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                     %row: tensor<1x3xf32> {weir.value = dense<[[10.0, 20.0, 30.0]]> : tensor<1x3xf32>},
                     %column: tensor<2x1xf32> {weir.value = dense<[[0.5], [2.0]]> : tensor<2x1xf32>})
    -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = weir.add %a, %row : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %1 = weir.add %column, %a : (tensor<2x1xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = weir.add %column, %row : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  return %0, %1, %2 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// A scalar with a scalar.
// CHECK-NEXT: scalars: 5.5
func.func @scalars(%a: tensor<f32> {weir.value = dense<1.5> : tensor<f32>},
                   %b: tensor<f32> {weir.value = dense<4.0> : tensor<f32>}) -> tensor<f32> {
  %0 = weir.add %a, %b : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// C1: ranks are equal, even where the smaller could be padded.
func.func @ranks(%a: tensor<2x3xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'add' expects two equal shapes (or sizes of 1)}}
  %0 = weir.add %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// C2: 2 is neither 3 nor 1.
func.func @sizes(%a: tensor<7x3x1xf32>, %b: tensor<7x2x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'add' expects two equal shapes (or sizes of 1), but got 3x1 and 2x1}}
  %0 = weir.add %a, %b : (tensor<7x3x1xf32>, tensor<7x2x1xf32>) -> tensor<7x3x1xf32>
  return
}

// -----

// The result's shape follows from the operands'.
func.func @result(%a: tensor<1x3xf32>, %b: tensor<2x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<2x3xf32>' are incompatible with return type(s)}}
  %0 = weir.add %a, %b : (tensor<1x3xf32>, tensor<2x1xf32>) -> tensor<1x3xf32>
  return
}
