// RUN: weir-opt %s --expand-batch-norm --split-input-file --verify-diagnostics | FileCheck %s

// Statistics of the batch, and running averages that take the unbiased variance: 8 values, 8 / 7.
// CHECK-LABEL: func.func @training
// CHECK: %[[RM:.*]] = weir.read @mean
// CHECK: %[[RV:.*]] = weir.read @variance
// CHECK: %[[M:.*]], %[[V:.*]] = weir.batch_stats %arg0
// CHECK: %[[NM:.*]] = weir.running_average %[[RM]], %[[M]] {correction = 1.000000e+00 : f64, momentum = 2.000000e-01 : f64}
// CHECK: weir.assign @mean, %[[NM]]
// CHECK: %[[NV:.*]] = weir.running_average %[[RV]], %[[V]] {correction = 1.1428571428571428 : f64, momentum = 2.000000e-01 : f64}
// CHECK: weir.assign @variance, %[[NV]]
// CHECK: weir.batch_norm %arg0, %arg1, %arg2, %[[M]], %[[V]]
weir.variable @mean : tensor<3xf32> {init = {kind = "zeros"}, kind = "statistic"}
weir.variable @variance : tensor<3xf32> {init = {kind = "ones"}, kind = "statistic"}
func.func @training(%x: tensor<2x2x2x3xf32>, %scale: tensor<3xf32>, %offset: tensor<3xf32>) -> tensor<2x2x2x3xf32> {
  %m = weir.read @mean : tensor<3xf32>
  %v = weir.read @variance : tensor<3xf32>
  %0 = weir.batch_norm %x, %scale, %offset, %m, %v {momentum = 0.2, training = true} : (tensor<2x2x2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x2x2x3xf32>
  return %0 : tensor<2x2x2x3xf32>
}

// -----

// Inference stays as it is.
// CHECK-LABEL: func.func @inference
// CHECK-NOT: weir.batch_stats
// CHECK: weir.batch_norm
func.func @inference(%x: tensor<4x3xf32>, %c: tensor<3xf32>) -> tensor<4x3xf32> {
  %0 = weir.batch_norm %x, %c, %c, %c, %c : (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----

func.func @values(%x: tensor<4x3xf32>, %c: tensor<3xf32>) -> tensor<4x3xf32> {
  // expected-error@+1 {{expects running averages that are read from variables}}
  %0 = weir.batch_norm %x, %c, %c, %c, %c {training = true} : (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
