// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// e^-2, e^-0.5, 1 over their sum 1.741866; e^0.5, e, e^3 over 24.452540. Rows sum to 1.
// CHECK: softmax: 0.0776956 0.348207 0.574097 0.0674254 0.111166 0.821409
func.func @softmax(%x: tensor<2x3xf32> {weir.value = dense<[[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.softmax %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// e^1000 is no number, but the largest value is subtracted first.
// CHECK-NEXT: large: 0.333333 0.333333 0.333333 0 0 1
func.func @large(%x: tensor<2x3xf32> {weir.value = dense<[[1000.0, 1000.0, 1000.0], [0.0, -1000.0, 1000.0]]> : tensor<2x3xf32>}) -> tensor<2x3xf32> {
  %0 = weir.softmax %x : tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Only the last dimension counts: two rows of two in each of the two outer places; one value alone is certain.
// CHECK-NEXT: rank3: 0.5 0.5 0.5 0.5
// CHECK-NEXT: rank3: 1 1
func.func @rank3(%x: tensor<2x1x2xf32> {weir.value = dense<7.0> : tensor<2x1x2xf32>},
                 %y: tensor<1x2x1xf32> {weir.value = dense<[[[-3.0], [3.0]]]> : tensor<1x2x1xf32>}) -> (tensor<2x1x2xf32>, tensor<1x2x1xf32>) {
  %0 = weir.softmax %x : tensor<2x1x2xf32>
  %1 = weir.softmax %y : tensor<1x2x1xf32>
  return %0, %1 : tensor<2x1x2xf32>, tensor<1x2x1xf32>
}

// -----

// The result has the operand's type.
func.func @other_shape(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // expected-note@-1 {{prior use here}}
  // expected-error@+1 {{expects different type than prior uses}}
  %0 = weir.softmax %x : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
