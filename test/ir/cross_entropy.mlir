// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Row by row: log 4 = 1.386294; log(e + 2 e^2 + e^3) - 3 = 0.626523; log(2 e^5 + 2) - 5 = 0.699863; the mean of the three.
// Right answers: in rows 0 and 2 the first of the equals is 0, which is not the label; row 1 is right.
// CHECK: cross_entropy: 0.904227
// CHECK-NEXT: cross_entropy: 1
func.func @cross_entropy(%x: tensor<3x4xf32> {weir.value = dense<[[0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 2.0], [5.0, 5.0, 0.0, 0.0]]> : tensor<3x4xf32>}, %labels: tensor<3xi32> {weir.value = dense<[3, 2, 1]> : tensor<3xi32>}) -> (tensor<f32>, tensor<i32>) {
  %loss, %correct = weir.cross_entropy %x, %labels : (tensor<3x4xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<i32>)
  return %loss, %correct : tensor<f32>, tensor<i32>
}

// Large scores neither overflow nor vanish: the first row is certain and right, the second certain and wrong by 2000.
// CHECK-NEXT: large: 1000
// CHECK-NEXT: large: 1
func.func @large(%x: tensor<2x2xf32> {weir.value = dense<[[1000.0, -1000.0], [1000.0, -1000.0]]> : tensor<2x2xf32>},
                 %labels: tensor<2xi32> {weir.value = dense<[0, 1]> : tensor<2xi32>}) -> (tensor<f32>, tensor<i32>) {
  %loss, %correct = weir.cross_entropy %x, %labels : (tensor<2x2xf32>, tensor<2xi32>) -> (tensor<f32>, tensor<i32>)
  return %loss, %correct : tensor<f32>, tensor<i32>
}

// With targets 0.85 and three times 0.05 (0.8 + 0.2 / 4, and 0.2 / 4) a row's loss is its log-sum less the logits' mean
// under them: 1.386294; 3.626523 - 2.8; 5.699863 - 4.5.
// CHECK-NEXT: smoothed: 1.13756
// CHECK-NEXT: smoothed: 1
func.func @smoothed(%x: tensor<3x4xf32> {weir.value = dense<[[0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 2.0], [5.0, 5.0, 0.0, 0.0]]> : tensor<3x4xf32>}, %labels: tensor<3xi32> {weir.value = dense<[3, 2, 1]> : tensor<3xi32>}) -> (tensor<f32>, tensor<i32>) {
  %loss, %correct = weir.cross_entropy %x, %labels {label_smoothing = 0.2} : (tensor<3x4xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<i32>)
  return %loss, %correct : tensor<f32>, tensor<i32>
}

// -----

// C1
func.func @rank(%x: tensor<3x4x1xf32>, %labels: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'cross_entropy' expects one score per class, but got 4x1}}
  %0:2 = weir.cross_entropy %x, %labels : (tensor<3x4x1xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<i32>)
  return
}

// -----

// C2
func.func @labels(%x: tensor<3x4xf32>, %labels: tensor<4xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'cross_entropy' expects one label per row of 3x4, but got 4}}
  %0:2 = weir.cross_entropy %x, %labels : (tensor<3x4xf32>, tensor<4xi32>) -> (tensor<f32>, tensor<i32>)
  return
}

// -----

// C3
func.func @smoothing(%x: tensor<3x4xf32>, %labels: tensor<3xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'cross_entropy' expects a value from 0 to below 1 for 'label_smoothing', but got 1}}
  %0:2 = weir.cross_entropy %x, %labels {label_smoothing = 1.0} : (tensor<3x4xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<i32>)
  return
}
