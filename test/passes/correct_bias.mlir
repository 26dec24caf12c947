// RUN: weir-opt %s --correct-bias | FileCheck %s
// RUN: weir-opt %s --correct-bias=per-tensor | FileCheck --check-prefix=TENSOR %s
// RUN: weir-opt %s --correct-bias=keep-float=first | FileCheck --check-prefix=FLOAT %s

// Steps of 1 in both columns: 127 is 127, 63.5 becomes 64 and 1.25 becomes 1; with means of 2 and 4 (and 2) the sums are 0.5 * 4 = 2 too large and -0.25 * 2 = 0.5 too small: 10 - 2 = 8 and 20 + 0.5.
// With one scale for all: the same here, 127 being the largest of all.
weir.variable @w : tensor<3x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[127.0, 127.0], [63.5, 0.0], [0.0, 1.25]]> : tensor<3x2xf32>}
weir.variable @b : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[10.0, 20.0]> : tensor<2xf32>}
weir.variable @v : tensor<2x1xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[127.0], [0.25]]> : tensor<2x1xf32>}
// CHECK: weir.variable @v_bias : tensor<1xf32>
// CHECK-LABEL: func.func @infer_b1
// CHECK: %[[B:.*]] = weir.read @b_corrected
// CHECK-NEXT: weir.dense %{{.*}}, %{{.*}}, %[[B]] {units = 2 : i64,
// CHECK: %[[V:.*]] = weir.read @v_bias
// CHECK-NEXT: weir.dense %{{.*}}, %{{.*}}, %[[V]] {units = 1 : i64}
// 8 and 20.5; of the layer without a bias 0.25 * 3 = 0.75
// CHECK-DAG: b_corrected: "0x40000000000000410000A441"
// CHECK-DAG: v_bias: "0x400000000000403F"
// TENSOR-DAG: b_corrected: "0x40000000000000410000A441"
// FLOAT: weir.dense %{{.*}}, %{{.*}}, %{{.*}} {units = 2 : i64,
// FLOAT-NOT: b_corrected
func.func @infer_b1(%x: tensor<1x3xf32> {weir.channel_means = array<f64: 2.0, 4.0, 2.0>}) -> tensor<1x1xf32> {
  %w = weir.read @w : tensor<3x2xf32>
  %b = weir.read @b : tensor<2xf32>
  %v = weir.read @v : tensor<2x1xf32>
  %0 = weir.dense %x, %w, %b {units = 2 : i64, weir.channel_means = array<f64: 1.0, 3.0>} : (tensor<1x3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("first")
  %1 = weir.dense %0, %v {units = 1 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %1 : tensor<1x1xf32>
}
