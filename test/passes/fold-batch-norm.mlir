// RUN: weir-opt %s --fold-batch-norm --remarks-filter-missed=fold --split-input-file --verify-diagnostics | FileCheck %s
// RUN: weir-opt %s --evaluate --split-input-file -o /dev/null 2>/dev/null | FileCheck %s --check-prefix=VALUE
// RUN: weir-opt %s --fold-batch-norm --evaluate --split-input-file -o /dev/null 2>/dev/null | FileCheck %s --check-prefix=VALUE

// factor = 2 / sqrt(3 + 1) = 1 and 3 / sqrt(0.25) = 6; bias = (0.5 - 1) * 1 + 10, (1 - 2) * 6 + 20. Two functions read one
// set of variables; those of batch_norm disappear.
// CHECK-LABEL: weir.variable @conv.weight_folded
// CHECK-NOT: weir.variable @{{(conv|norm)\.[a-z]+ :}}
// CHECK: weir.variable @conv.bias_folded
// CHECK-NOT: weir.variable
// CHECK-LABEL: func.func @conv2d
// CHECK: %[[W:.*]] = weir.read @conv.weight_folded
// CHECK: %[[B:.*]] = weir.read @conv.bias_folded
// CHECK: %[[Y:.*]] = weir.conv2d %{{.*}}, %[[W]], %[[B]] {filters = 2 : i64, kernel = array<i64: 1>}
// CHECK-NEXT: return %[[Y]]
// CHECK-LABEL: func.func @again
// CHECK: weir.read @conv.weight_folded
// VALUE: conv2d: 10.5 26 12.5 50
// VALUE-NEXT: again: 11.5 38
weir.variable @conv.weight : tensor<1x1x1x2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>}
weir.variable @conv.bias : tensor<2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[0.5, 1.0]> : tensor<2xf32>}
weir.variable @norm.scale : tensor<2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[2.0, 3.0]> : tensor<2xf32>}
weir.variable @norm.offset : tensor<2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[10.0, 20.0]> : tensor<2xf32>}
weir.variable @norm.mean : tensor<2xf32> {init = {kind = "embedded"}, kind = "statistic", value = dense<[1.0, 2.0]> : tensor<2xf32>}
weir.variable @norm.variance : tensor<2xf32> {init = {kind = "embedded"}, kind = "statistic", value = dense<[3.0, -0.75]> : tensor<2xf32>}
func.func @conv2d(%x: tensor<1x1x2x1xf32> {weir.value = dense<[[[[1.0], [3.0]]]]> : tensor<1x1x2x1xf32>}) -> tensor<1x1x2x2xf32> {
  %w = weir.read @conv.weight : tensor<1x1x1x2xf32>
  %b = weir.read @conv.bias : tensor<2xf32>
  %s = weir.read @norm.scale : tensor<2xf32>
  %o = weir.read @norm.offset : tensor<2xf32>
  %m = weir.read @norm.mean : tensor<2xf32>
  %v = weir.read @norm.variance : tensor<2xf32>
  %0 = weir.conv2d %x, %w, %b {filters = 2 : i64, kernel = array<i64: 1>} : (tensor<1x1x2x1xf32>, tensor<1x1x1x2xf32>, tensor<2xf32>) -> tensor<1x1x2x2xf32>
  %1 = weir.batch_norm %0, %s, %o, %m, %v {epsilon = 1.0 : f64} : (tensor<1x1x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}
func.func @again(%x: tensor<1x1x1x1xf32> {weir.value = dense<2.0> : tensor<1x1x1x1xf32>}) -> tensor<1x1x1x2xf32> {
  %w = weir.read @conv.weight : tensor<1x1x1x2xf32>
  %b = weir.read @conv.bias : tensor<2xf32>
  %s = weir.read @norm.scale : tensor<2xf32>
  %o = weir.read @norm.offset : tensor<2xf32>
  %m = weir.read @norm.mean : tensor<2xf32>
  %v = weir.read @norm.variance : tensor<2xf32>
  %0 = weir.conv2d %x, %w, %b {filters = 2 : i64, kernel = array<i64: 1>} : (tensor<1x1x1x1xf32>, tensor<1x1x1x2xf32>, tensor<2xf32>) -> tensor<1x1x1x2xf32>
  %1 = weir.batch_norm %0, %s, %o, %m, %v {epsilon = 1.0 : f64} : (tensor<1x1x1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x1x1x2xf32>
  return %1 : tensor<1x1x1x2xf32>
}

// -----

// A depthwise convolution of multiplier 2 and a dense layer, both without bias.
// CHECK-LABEL: func.func @others
// CHECK-NOT: weir.batch_norm
// CHECK: weir.depthwise_conv2d {{.*}} -> tensor<1x1x1x2xf32>
// CHECK-NOT: weir.batch_norm
// CHECK: weir.dense {{.*}} -> tensor<1x2xf32>
// CHECK-NOT: weir.batch_norm
// VALUE: others: 8.25 22.125
weir.variable @depth.weight : tensor<1x1x2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>}
weir.variable @dense.weight : tensor<2x2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[[0.0, 1.0], [1.0, 1.0]]> : tensor<2x2xf32>}
weir.variable @scale : tensor<2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<1.0> : tensor<2xf32>}
weir.variable @offset : tensor<2xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[1.0, 2.0]> : tensor<2xf32>}
weir.variable @mean : tensor<2xf32> {init = {kind = "embedded"}, kind = "statistic", value = dense<[1.0, -1.0]> : tensor<2xf32>}
weir.variable @variance : tensor<2xf32> {init = {kind = "embedded"}, kind = "statistic", value = dense<[3.0, 0.0]> : tensor<2xf32>}
func.func @others(%x: tensor<1x1x1x1xf32> {weir.value = dense<6.25> : tensor<1x1x1x1xf32>}) -> tensor<1x2xf32> {
  %d = weir.read @depth.weight : tensor<1x1x2xf32>
  %w = weir.read @dense.weight : tensor<2x2xf32>
  %s = weir.read @scale : tensor<2xf32>
  %o = weir.read @offset : tensor<2xf32>
  %m = weir.read @mean : tensor<2xf32>
  %v = weir.read @variance : tensor<2xf32>
  %0 = weir.depthwise_conv2d %x, %d {kernel = array<i64: 1>, multiplier = 2 : i64, use_bias = false} : (tensor<1x1x1x1xf32>, tensor<1x1x2xf32>) -> tensor<1x1x1x2xf32>
  %1 = weir.batch_norm %0, %s, %o, %m, %v {epsilon = 1.0 : f64} : (tensor<1x1x1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x1x1x2xf32>
  %2 = weir.view %1 : tensor<1x1x1x2xf32> -> tensor<1x2xf32>
  %3 = weir.dense %2, %w {units = 2 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %4 = weir.batch_norm %3, %s, %o, %m, %v {epsilon = 1.0 : f64} : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}

// -----

// What stays says why.
weir.variable @weight : tensor<1x1xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<2.0> : tensor<1x1xf32>}
weir.variable @unknown : tensor<1x1xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @one : tensor<1xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<1.0> : tensor<1xf32>}
// CHECK-LABEL: func.func @stays
// CHECK-COUNT-3: weir.batch_norm
func.func @stays(%x: tensor<1x1xf32> {weir.value = dense<1.0> : tensor<1x1xf32>}) -> (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) {
  %w = weir.read @weight : tensor<1x1xf32>
  %u = weir.read @unknown : tensor<1x1xf32>
  %o = weir.read @one : tensor<1xf32>
  // expected-remark@+1 {{'batch_norm' is not folded: expects conv2d, depthwise_conv2d or dense before it, but got the function's input}}
  %0 = weir.batch_norm %x, %o, %o, %o, %o : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  %1 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  // expected-remark@+1 {{'batch_norm' is not folded: other layers read what 'dense' before it computes}}
  %2 = weir.batch_norm %1, %o, %o, %o, %o : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  %3 = weir.dense %x, %u {units = 1 : i64, use_bias = false} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  // expected-remark@+1 {{'batch_norm' is not folded: its parameters or those of the layer before it are no known values}}
  %4 = weir.batch_norm %3, %o, %o, %o, %o : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %0, %1, %2, %4 : tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
}
