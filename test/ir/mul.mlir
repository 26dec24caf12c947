// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// CHECK: same: 2 6 12 20 30 42
func.func @same(%a: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                %b: tensor<2x3xf32> {weir.value = dense<[[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.mul %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// A row is repeated downwards, a column sideways, and both at once make a table. Either side may be the small one.
// CHECK-NEXT: broadcast: 10 40 90 40 100 180
// CHECK-NEXT: broadcast: 0.5 1 1.5 8 10 12
// CHECK-NEXT: broadcast: 5 10 15 20 40 60
func.func @broadcast(%a: tensor<2x3xf32> {weir.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                     %row: tensor<1x3xf32> {weir.value = dense<[[10.0, 20.0, 30.0]]> : tensor<1x3xf32>},
                     %column: tensor<2x1xf32> {weir.value = dense<[[0.5], [2.0]]> : tensor<2x1xf32>})
    -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = weir.mul %a, %row : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %1 = weir.mul %column, %a : (tensor<2x1xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = weir.mul %column, %row : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  return %0, %1, %2 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// A scalar with a scalar.
// CHECK-NEXT: scalars: 6
func.func @scalars(%a: tensor<f32> {weir.value = dense<1.5> : tensor<f32>},
                   %b: tensor<f32> {weir.value = dense<4.0> : tensor<f32>}) -> tensor<f32> {
  %0 = weir.mul %a, %b : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// C1: ranks are equal, even where the smaller could be padded.
func.func @ranks(%a: tensor<2x3xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'mul' expects two equal shapes (or sizes of 1)}}
  %0 = weir.mul %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// C2: 2 is neither 3 nor 1.
func.func @sizes(%a: tensor<7x3x1xf32>, %b: tensor<7x2x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'mul' expects two equal shapes (or sizes of 1), but got 3x1 and 2x1}}
  %0 = weir.mul %a, %b : (tensor<7x3x1xf32>, tensor<7x2x1xf32>) -> tensor<7x3x1xf32>
  return
}

// -----

// The result's shape follows from the operands'.
func.func @result(%a: tensor<1x3xf32>, %b: tensor<2x1xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<2x3xf32>' are incompatible with return type(s)}}
  %0 = weir.mul %a, %b : (tensor<1x3xf32>, tensor<2x1xf32>) -> tensor<1x3xf32>
  return
}
