// RUN: weir-opt %s --evaluate --split-input-file --verify-diagnostics -o /dev/null | FileCheck --match-full-lines %s
// Channel 0: (x - 2) / 2 * 2, channel 1: x / 10 + 100.
// CHECK: inference: -1 101 0 102 1 103 4 102.4
func.func @inference(%x: tensor<4x2xf32> {weir.value = dense<[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [6.0, 24.0]]> : tensor<4x2xf32>},
                     %s: tensor<2xf32> {weir.value = dense<[2.0, 1.0]> : tensor<2xf32>},
                     %o: tensor<2xf32> {weir.value = dense<[0.0, 100.0]> : tensor<2xf32>},
                     %m: tensor<2xf32> {weir.value = dense<[2.0, 0.0]> : tensor<2xf32>},
                     %v: tensor<2xf32> {weir.value = dense<[4.0, 100.0]> : tensor<2xf32>})
    -> tensor<4x2xf32> {
  %0 = weir.batch_norm %x, %s, %o, %m, %v {epsilon = 1.0e-12} : (tensor<4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// The batch's own: means 3 and 21, variances 3.5 and 53; the running ones do not matter.
// CHECK-NEXT: training: -2.13809 98.489 -1.06904 99.8626 0 101.236 3.20713 100.412
func.func @training(%x: tensor<4x2xf32> {weir.value = dense<[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [6.0, 24.0]]> : tensor<4x2xf32>},
                    %s: tensor<2xf32> {weir.value = dense<[2.0, 1.0]> : tensor<2xf32>},
                    %o: tensor<2xf32> {weir.value = dense<[0.0, 100.0]> : tensor<2xf32>},
                    %m: tensor<2xf32> {weir.value = dense<[2.0, 0.0]> : tensor<2xf32>},
                    %v: tensor<2xf32> {weir.value = dense<[4.0, 100.0]> : tensor<2xf32>})
    -> tensor<4x2xf32> {
  %0 = weir.batch_norm %x, %s, %o, %m, %v {epsilon = 1.0e-12, training = true} : (tensor<4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// All positions of all images are one batch: mean 2.5, variance 1.25, and an epsilon of 1.
// CHECK-NEXT: maps: -1 -0.333333 0.333333 1
func.func @maps(%x: tensor<1x2x2x1xf32> {weir.value = dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32>},
                %s: tensor<1xf32> {weir.value = dense<1.0> : tensor<1xf32>},
                %o: tensor<1xf32> {weir.value = dense<0.0> : tensor<1xf32>},
                %m: tensor<1xf32> {weir.value = dense<0.0> : tensor<1xf32>},
                %v: tensor<1xf32> {weir.value = dense<1.0> : tensor<1xf32>})
    -> tensor<1x2x2x1xf32> {
  %0 = weir.batch_norm %x, %s, %o, %m, %v {epsilon = 1.0, training = true} : (tensor<1x2x2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  return %0 : tensor<1x2x2x1xf32>
}

// -----

// C1
func.func @rank(%x: tensor<3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm' expects a batch of values, but got 3}}
  %0 = weir.batch_norm %x, %s, %o, %m, %v : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

// C2
func.func @momentum(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm' expects a momentum from 0 to 1, but got 1.5}}
  %0 = weir.batch_norm %x, %s, %o, %m, %v {momentum = 1.5} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// C3
func.func @epsilon(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm' expects a positive epsilon, but got 0}}
  %0 = weir.batch_norm %x, %s, %o, %m, %v {epsilon = 0.0} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// C3
func.func @epsilon_nan(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm' expects a positive epsilon, but got nan}}
  %0 = weir.batch_norm %x, %s, %o, %m, %v {epsilon = 0x7FF8000000000000 : f64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// C4
func.func @variance(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm' expects one number for each of 3 channels, but got 2}}
  %0 = weir.batch_norm %x, %s, %o, %m, %v : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

// C5: the variance of one value is 0
func.func @one_value(%x: tensor<1x1x1x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm' expects at least two values per channel while training, but got a batch of 1 of 1x1 maps}}
  %0 = weir.batch_norm %x, %s, %o, %m, %v {training = true} : (tensor<1x1x1x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x1x1x3xf32>
  return
}

// -----

// C5
func.func @one_row(%x: tensor<1x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v: tensor<3xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{'batch_norm' expects at least two values per channel while training, but got a batch of 1}}
  %0 = weir.batch_norm %x, %s, %o, %m, %v {training = true} : (tensor<1x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  return
}
