// RUN: weir-opt %s --quantize --split-input-file --verify-diagnostics -o /dev/null

weir.variable @w : tensor<2x1xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0], [-0.5]]> : tensor<2x1xf32>}
func.func @no_range(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %w = weir.read @w : tensor<2x1xf32>
  // expected-error@+1 {{'quantize' expects a calibrated range of what 'dense' reads, but there is none}}
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// -----

weir.variable @w : tensor<2x1xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @no_value(%x: tensor<1x2xf32> {weir.range = array<f64: 0.0, 1.0>}) -> tensor<1x1xf32> {
  %w = weir.read @w : tensor<2x1xf32>
  // expected-error@+1 {{'quantize' expects weights whose values are known (compile with --weights), but those of 'dense' are not}}
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// -----

weir.variable @w : tensor<2x1xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0], [-0.5]]> : tensor<2x1xf32>}
// expected-error@+1 {{'quantize' expects a calibrated range of finite numbers, but got array<f64: 0.000000e+00, 0x7FF0000000000000>}}
func.func @infinite(%x: tensor<1x2xf32> {weir.range = array<f64: 0.0, 0x7FF0000000000000>}) -> tensor<1x1xf32> {
  %w = weir.read @w : tensor<2x1xf32>
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// -----

weir.variable @w : tensor<2x1xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0], [-0.5]]> : tensor<2x1xf32>}
// expected-error@+1 {{'quantize' expects a calibrated range of finite numbers, but got array<f64: 1.000000e+00, 0.000000e+00>}}
func.func @reversed(%x: tensor<1x2xf32> {weir.range = array<f64: 1.0, 0.0>}) -> tensor<1x1xf32> {
  %w = weir.read @w : tensor<2x1xf32>
  %0 = weir.dense %x, %w {units = 1 : i64, use_bias = false} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// -----

// A bias that would need more than 32 bits in steps of its sum coarsens the weight's scale; a channel of zeros has one at all.
weir.variable @w : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[[1.0e-20, 0.0], [1.0e-20, 0.0]]> : tensor<2x2xf32>}
weir.variable @b : tensor<2xf32> {init = {kind = "zeros"}, kind = "parameter", value = dense<[1.0, 2.0]> : tensor<2xf32>}
func.func @tiny(%x: tensor<1x2xf32> {weir.range = array<f64: 0.0, 1.0>}) -> tensor<1x2xf32> {
  %w = weir.read @w : tensor<2x2xf32>
  %b = weir.read @b : tensor<2xf32>
  %0 = weir.dense %x, %w, %b {units = 2 : i64} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
