// RUN: weir-opt %s --lower-convolutions --sink-views --form-groups --plan-memory --remarks-filter="layout|fuse|memory" --split-input-file --verify-diagnostics -o /dev/null

// Every decision and every refusal says why, at the line of the op.

weir.variable @w : tensor<3x3x4x8xf32> {init = {kind = "zeros"}, kind = "parameter"}
func.func @convolution(%x: tensor<1x6x6x4xf32>) -> tensor<1x6x6x8xf32> {
  %w = weir.read @w : tensor<3x3x4x8xf32>
  // expected-remark@+3 {{becomes a product of 36 rows and 36 terms; its left side is the windows' values side by side}}
  // expected-remark@+2 {{'patches' are read from the image by the product: saves 6 KB}}
  // expected-remark@+1 {{'dense' begins a kernel: it reads more of its operands than the place that it writes}}
  %y = weir.conv2d %x, %w {kernel = array<i64: 3>, filters = 8 : i64, padding = array<i64: 1>, use_bias = false} : (tensor<1x6x6x4xf32>, tensor<3x3x4x8xf32>) -> tensor<1x6x6x8xf32>
  // expected-remark@+2 {{computed on [rows, channels]}}
  // expected-remark@+1 {{'relu' is fused into the loops of 'dense'}}
  %z = weir.relu %y : tensor<1x6x6x8xf32>
  return %z : tensor<1x6x6x8xf32>
}

// -----

weir.variable @v : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @m : tensor<2x2xf32> {init = {kind = "zeros"}, kind = "optimizer"}
func.func @refusals(%x: tensor<2x2xf32>, %dy: tensor<2x2xf32>, %rate: tensor<f32>) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<4xf32>) {
  %v = weir.read @v : tensor<2x2xf32>
  %m = weir.read @m : tensor<2x2xf32>
  // expected-remark@+1 {{begins a kernel: it reads more of its operands}}
  %g = weir.dense_weight_grad %x, %dy : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  // expected-remark@+3 {{'sgd' begins a kernel: its gradient has other readers}}
  // expected-remark@+2 {{writes 'v' in place}}
  // expected-remark@+1 {{writes 'm' in place}}
  %new, %state = weir.sgd %v, %g, %rate, %m : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<f32>, tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>)
  weir.assign @v, %new : tensor<2x2xf32>
  weir.assign @m, %state : tensor<2x2xf32>
  // expected-remark@+1 {{'relu' begins a kernel: it has no operand that another kernel makes}}
  %a = weir.relu %x : tensor<2x2xf32>
  %b = weir.view %a : tensor<2x2xf32> -> tensor<4xf32>
  // expected-remark@+1 {{'tanh' begins a kernel: a view stands between it and what it reads}}
  %c = weir.tanh %b : tensor<4xf32>
  // expected-remark@+1 {{copied: no kernel computes it, it is passed on}}
  return %x, %g, %c : tensor<2x2xf32>, tensor<2x2xf32>, tensor<4xf32>
}

// -----

// Sums over rows go into the loops of a product, and of nothing else.
func.func @statistics(%x: tensor<64x2xf32>, %w: tensor<2x16xf32>) -> (tensor<64x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) {
  // expected-remark@+1 {{'dense' begins a kernel}}
  %y = weir.dense %x, %w {units = 16 : i64} : (tensor<64x2xf32>, tensor<2x16xf32>) -> tensor<64x16xf32>
  // expected-remark@+1 {{'batch_stats' is summed up where 'dense' is stored: saves 4 KB that would be read again}}
  %mean, %variance = weir.batch_stats %y : (tensor<64x16xf32>) -> (tensor<16xf32>, tensor<16xf32>)
  // expected-remark@+1 {{'relu' is fused into the loops of 'dense'}}
  %z = weir.relu %y : tensor<64x16xf32>
  // expected-remark@+1 {{'softmax' begins a kernel}}
  %t = weir.softmax %z : tensor<64x16xf32>
  // expected-remark@+1 {{'batch_stats' begins a kernel: no product makes what it sums up}}
  %m, %v = weir.batch_stats %t : (tensor<64x16xf32>) -> (tensor<16xf32>, tensor<16xf32>)
  return %z, %mean, %variance, %m, %v : tensor<64x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>
}
