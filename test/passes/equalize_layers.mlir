// RUN: weir-opt %s --equalize-layers --split-input-file | FileCheck %s
// RUN: weir-opt %s --equalize-layers --split-input-file --evaluate -o /dev/null | FileCheck --check-prefix=VALUE %s
// RUN: weir-opt %s --split-input-file --evaluate -o /dev/null | FileCheck --check-prefix=VALUE %s

// Channel 0: 8 before, 0.5 behind: divided and multiplied by 4. Channel 1: 0.5 and 2: by 1/2. The bias goes with the weight before.
// CHECK-LABEL: func.func @infer_b1
// VALUE: infer_b1: 4.875
// a: 2 -1, 1 0.25; c: 0.25 4; b: 2 1
// CHECK: a: "0x40000000{{00000040000080BF0000803F0000803E}}"
// CHECK: c: "0x40000000{{0000803E00008040}}"
// CHECK: b: "0x40000000{{000000400000803F}}"
weir.variable @a : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[8.0, -0.5], [4.0, 0.125]]> : tensor<2x2xf32>}
weir.variable @c : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[1.0, 2.0]> : tensor<2xf32>}
weir.variable @b : tensor<2x1xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[0.5], [2.0]]> : tensor<2x1xf32>}
func.func @infer_b1(%x: tensor<1x2xf32> {weir.value = dense<[[0.5, -0.5]]> : tensor<1x2xf32>}) -> tensor<1x1xf32> {
  %a = weir.read @a : tensor<2x2xf32>
  %c = weir.read @c : tensor<2xf32>
  %b = weir.read @b : tensor<2x1xf32>
  %0 = weir.dense %x, %a, %c {units = 2 : i64} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %1 = weir.relu %0 : tensor<1x2xf32>
  %2 = weir.dense %1, %b {units = 1 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %2 : tensor<1x1xf32>
}

// -----

// A depthwise net, in two functions that share the weights: relu6 of what stays below 6 is a relu; the features of the last layer are channels of
// two positions. All weights change, what is computed does not.
// CHECK-LABEL: func.func @infer_b1
// CHECK-NOT: relu6
// CHECK-LABEL: func.func @infer_b2
// CHECK: weir.relu {{.*}} {weir.range
// CHECK-NOT: relu6
// CHECK: return
// CHECK: p: "0x
// CHECK: d: "0x
// CHECK: e: "0x
// CHECK: q: "0x
weir.variable @p : tensor<1x1x2x4xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[[[-0.524, 0.088, -0.260, 0.208], [0.251, -0.869, -0.974, 0.675]]]]> : tensor<1x1x2x4xf32>}
weir.variable @d : tensor<2x2x4xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[[-0.481, -0.531, 0.991, -0.059], [0.673, -0.047, 0.278, -0.699]], [[0.270, 0.736, 0.046, 0.483], [0.343, -0.872, 0.516, 0.182]]]> : tensor<2x2x4xf32>}
weir.variable @e : tensor<4xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[-0.397, -0.938, 0.731, -0.055]> : tensor<4xf32>}
weir.variable @q : tensor<8x3xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[0.438, 0.758, 0.428], [0.842, -0.210, 0.602], [-0.111, 0.871, 0.758], [-0.805, -0.728, -0.566], [0.931, -0.128, 0.253], [-0.398, 0.014, -0.228], [-0.298, 0.170, 0.169], [0.808, 0.364, 0.858]]> : tensor<8x3xf32>}
func.func @infer_b1(%x: tensor<1x2x3x2xf32> {weir.value = dense<[[[[0.713, 0.982], [0.343, -0.674], [0.721, 0.929]], [[0.809, 0.138], [0.428, -0.578], [0.663, 0.147]]]]> : tensor<1x2x3x2xf32>}) -> tensor<1x3xf32> {
  %p = weir.read @p : tensor<1x1x2x4xf32>
  %d = weir.read @d : tensor<2x2x4xf32>
  %e = weir.read @e : tensor<4xf32>
  %q = weir.read @q : tensor<8x3xf32>
  %0 = weir.conv2d %x, %p {filters = 4 : i64, kernel = array<i64: 1>, use_bias = false, weir.range = array<f64: -2.0, 2.0>} : (tensor<1x2x3x2xf32>, tensor<1x1x2x4xf32>) -> tensor<1x2x3x4xf32>
  %1 = weir.relu6 %0 {weir.range = array<f64: 0.0, 2.0>} : tensor<1x2x3x4xf32>
  %2 = weir.depthwise_conv2d %1, %d, %e {kernel = array<i64: 2>} : (tensor<1x2x3x4xf32>, tensor<2x2x4xf32>, tensor<4xf32>) -> tensor<1x1x2x4xf32>
  %3 = weir.relu %2 : tensor<1x1x2x4xf32>
  %4 = weir.view %3 : tensor<1x1x2x4xf32> -> tensor<1x8xf32>
  %5 = weir.dense %4, %q {units = 3 : i64, use_bias = false} : (tensor<1x8xf32>, tensor<8x3xf32>) -> tensor<1x3xf32>
  return %5 : tensor<1x3xf32>
}
func.func @infer_b2(%x: tensor<2x2x3x2xf32> {weir.value = dense<[[[[-0.430, -0.873], [0.708, 0.980], [-0.823, 0.601]], [[-0.179, -0.698], [-0.412, 0.538], [0.746, -0.912]]], [[[0.229, -0.910], [0.437, -0.338], [0.762, 0.961]], [[0.011, 0.997], [-0.381, -0.846], [0.200, -0.937]]]]> : tensor<2x2x3x2xf32>}) -> tensor<2x3xf32> {
  %p = weir.read @p : tensor<1x1x2x4xf32>
  %d = weir.read @d : tensor<2x2x4xf32>
  %e = weir.read @e : tensor<4xf32>
  %q = weir.read @q : tensor<8x3xf32>
  %0 = weir.conv2d %x, %p {filters = 4 : i64, kernel = array<i64: 1>, use_bias = false, weir.range = array<f64: -2.0, 2.0>} : (tensor<2x2x3x2xf32>, tensor<1x1x2x4xf32>) -> tensor<2x2x3x4xf32>
  %1 = weir.relu6 %0 {weir.range = array<f64: 0.0, 2.0>} : tensor<2x2x3x4xf32>
  %2 = weir.depthwise_conv2d %1, %d, %e {kernel = array<i64: 2>} : (tensor<2x2x3x4xf32>, tensor<2x2x4xf32>, tensor<4xf32>) -> tensor<2x1x2x4xf32>
  %3 = weir.relu %2 : tensor<2x1x2x4xf32>
  %4 = weir.view %3 : tensor<2x1x2x4xf32> -> tensor<2x8xf32>
  %5 = weir.dense %4, %q {units = 3 : i64, use_bias = false} : (tensor<2x8xf32>, tensor<8x3xf32>) -> tensor<2x3xf32>
  return %5 : tensor<2x3xf32>
}

// -----

// Left alone: a relu6 that cuts off, a value that something else reads, sigmoid.
// CHECK-LABEL: func.func @infer_b1
// CHECK: weir.relu6
// CHECK-NOT: dialect_resources
weir.variable @a : tensor<1x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[8.0, 0.5]]> : tensor<1x2xf32>}
weir.variable @b : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[0.5, 0.0], [2.0, 1.0]]> : tensor<2x2xf32>}
weir.variable @c : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0, 0.0], [2.0, 1.0]]> : tensor<2x2xf32>}
weir.variable @d : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[3.0, 0.0], [2.0, 1.0]]> : tensor<2x2xf32>}
func.func @infer_b1(%x: tensor<1x1xf32> {weir.value = dense<2.0> : tensor<1x1xf32>}) -> tensor<1x2xf32> {
  %a = weir.read @a : tensor<1x2xf32>
  %b = weir.read @b : tensor<2x2xf32>
  %c = weir.read @c : tensor<2x2xf32>
  %d = weir.read @d : tensor<2x2xf32>
  %0 = weir.dense %x, %a {units = 2 : i64, use_bias = false, weir.range = array<f64: 0.0, 9.0>} : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = weir.relu6 %0 : tensor<1x2xf32>
  %2 = weir.dense %1, %b {units = 2 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %3 = weir.dense %2, %c {units = 2 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %4 = weir.sigmoid %3 : tensor<1x2xf32>
  %5 = weir.dense %4, %d {units = 2 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %6 = weir.add %2, %5 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %6 : tensor<1x2xf32>
}
