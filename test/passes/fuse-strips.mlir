// RUN: weir-opt %s --fuse-strips --lower-convolutions --sink-views --form-groups --split-input-file | FileCheck %s
// RUN: weir-opt %s --fuse-strips="always=true" --lower-convolutions --sink-views --form-groups --split-input-file | FileCheck %s --check-prefix=ALWAYS
// RUN: weir-opt %s --fuse-strips --split-input-file | FileCheck %s --check-prefix=MARKED
// RUN: weir-opt %s --fuse-strips --remarks-filter="fuse" --split-input-file --verify-diagnostics -o /dev/null

// A whole inverted residual is one kernel, with its addition; four strips, which cores share.
// CHECK-LABEL: func.func @inverted_residual
// CHECK: weir.kernel "inverted_residual_f32_1x56x56x24x144x24"
// CHECK-NOT: weir.strip_chain
// CHECK: weir.depthwise_conv2d {{.*}}weir.strips = 2
// CHECK: weir.add
// CHECK: weir.yield
// CHECK-NOT: weir.kernel
// MARKED-LABEL: func.func @inverted_residual
// MARKED: weir.conv2d {{.*}}weir.strip_chain = 0
// MARKED: weir.batch_norm {{.*}}weir.strip_chain = 0
// MARKED: weir.relu6 {{.*}}weir.strip_chain = 0
// MARKED: weir.depthwise_conv2d {{.*}}weir.strip_chain = 0 : i64, weir.strips = 2
// MARKED: weir.conv2d {{.*}}weir.strip_chain = 0
func.func @inverted_residual(%x: tensor<1x56x56x24xf32>, %w1: tensor<1x1x24x144xf32>, %c: tensor<144xf32>, %w2: tensor<3x3x144xf32>, %w3: tensor<1x1x144x24xf32>) -> tensor<1x56x56x24xf32> {
  %0 = weir.conv2d %x, %w1 {kernel = array<i64: 1>, filters = 144 : i64, use_bias = false} : (tensor<1x56x56x24xf32>, tensor<1x1x24x144xf32>) -> tensor<1x56x56x144xf32>
  %1 = weir.batch_norm %0, %c, %c, %c, %c : (tensor<1x56x56x144xf32>, tensor<144xf32>, tensor<144xf32>, tensor<144xf32>, tensor<144xf32>) -> tensor<1x56x56x144xf32>
  %2 = weir.relu6 %1 : tensor<1x56x56x144xf32>
  // expected-remark@+1 {{'depthwise_conv2d' is computed in 2 strips with 'conv2d' and 'conv2d': 10838016 bytes less to move, 387072 products and 0 bytes of weights again}}
  %3 = weir.depthwise_conv2d %2, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x56x56x144xf32>, tensor<3x3x144xf32>) -> tensor<1x56x56x144xf32>
  %4 = weir.relu6 %3 : tensor<1x56x56x144xf32>
  %5 = weir.conv2d %4, %w3 {kernel = array<i64: 1>, filters = 24 : i64, use_bias = false} : (tensor<1x56x56x144xf32>, tensor<1x1x144x24xf32>) -> tensor<1x56x56x24xf32>
  %6 = weir.add %5, %x : (tensor<1x56x56x24xf32>, tensor<1x56x56x24xf32>) -> tensor<1x56x56x24xf32>
  return %6 : tensor<1x56x56x24xf32>
}

// -----

// Nothing is expanded: what is filtered stays in the strip all the same.
// CHECK-LABEL: func.func @separable
// CHECK: weir.kernel "depthwise_separable_f32_2x9x9x8x16"
// CHECK-NOT: weir.kernel
func.func @separable(%x: tensor<2x9x9x8xf32>, %w2: tensor<3x3x8xf32>, %w3: tensor<1x1x8x16xf32>) -> tensor<2x9x9x16xf32> {
  // expected-remark@+1 {{is computed in 1 strip with 'conv2d': 20736 bytes less to move, 0 products}}
  %0 = weir.depthwise_conv2d %x, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<2x9x9x8xf32>, tensor<3x3x8xf32>) -> tensor<2x9x9x8xf32>
  %1 = weir.conv2d %0, %w3 {kernel = array<i64: 1>, filters = 16 : i64, use_bias = false} : (tensor<2x9x9x8xf32>, tensor<1x1x8x16xf32>) -> tensor<2x9x9x16xf32>
  return %1 : tensor<2x9x9x16xf32>
}

// -----

// Someone else reads the wide tensor, so it is written; the rest is fused.
// CHECK-LABEL: func.func @wide_is_read
// CHECK: weir.kernel "dense_f32_64x4x8"
// CHECK: weir.kernel "depthwise_separable_f32_1x8x8x8x4"
func.func @wide_is_read(%x: tensor<1x8x8x4xf32>, %w1: tensor<1x1x4x8xf32>, %w2: tensor<3x3x8xf32>, %w3: tensor<1x1x8x4xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x8x8x4xf32>) {
  %0 = weir.conv2d %x, %w1 {kernel = array<i64: 1>, filters = 8 : i64, use_bias = false} : (tensor<1x8x8x4xf32>, tensor<1x1x4x8xf32>) -> tensor<1x8x8x8xf32>
  // expected-remark@+1 {{is computed in 1 strip with 'conv2d'}}
  %1 = weir.depthwise_conv2d %0, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<3x3x8xf32>) -> tensor<1x8x8x8xf32>
  %2 = weir.conv2d %1, %w3 {kernel = array<i64: 1>, filters = 4 : i64, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<1x1x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %0, %2 : tensor<1x8x8x8xf32>, tensor<1x8x8x4xf32>
}

// -----

// As in training, where the backward pass reads it again.
// CHECK-LABEL: func.func @filtered_is_read
// CHECK-NOT: depthwise_separable
func.func @filtered_is_read(%x: tensor<1x8x8x8xf32>, %w2: tensor<3x3x8xf32>, %w3: tensor<1x1x8x4xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x8x8x4xf32>) {
  // expected-remark@+1 {{'depthwise_conv2d' is not computed in strips: what it makes has other readers than a 1x1 convolution}}
  %0 = weir.depthwise_conv2d %x, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<3x3x8xf32>) -> tensor<1x8x8x8xf32>
  %1 = weir.conv2d %0, %w3 {kernel = array<i64: 1>, filters = 4 : i64, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<1x1x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %0, %1 : tensor<1x8x8x8xf32>, tensor<1x8x8x4xf32>
}

// -----

// The statistics of a batch need all of it first.
// CHECK-LABEL: func.func @statistics
// CHECK-NOT: depthwise_separable
func.func @statistics(%x: tensor<2x8x8x8xf32>, %c: tensor<8xf32>, %w2: tensor<3x3x8xf32>, %w3: tensor<1x1x8x4xf32>) -> tensor<2x8x8x4xf32> {
  // expected-remark@+1 {{what it makes has other readers than a 1x1 convolution}}
  %0 = weir.depthwise_conv2d %x, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<2x8x8x8xf32>, tensor<3x3x8xf32>) -> tensor<2x8x8x8xf32>
  %mean, %variance = weir.batch_stats %0 : (tensor<2x8x8x8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  %1 = weir.batch_norm %0, %c, %c, %mean, %variance {training = true} : (tensor<2x8x8x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8x8x8xf32>
  %2 = weir.conv2d %1, %w3 {kernel = array<i64: 1>, filters = 4 : i64, use_bias = false} : (tensor<2x8x8x8xf32>, tensor<1x1x8x4xf32>) -> tensor<2x8x8x4xf32>
  return %2 : tensor<2x8x8x4xf32>
}

// -----

// Weights that do not fit L1 would be read again for each row: only where one insists.
// CHECK-LABEL: func.func @weights
// CHECK-NOT: inverted_residual
// ALWAYS-LABEL: func.func @weights
// ALWAYS: weir.kernel "inverted_residual_f32_1x7x7x160x960x160"
func.func @weights(%x: tensor<1x7x7x160xf32>, %w1: tensor<1x1x160x960xf32>, %w2: tensor<3x3x960xf32>, %w3: tensor<1x1x960x160xf32>) -> tensor<1x7x7x160xf32> {
  %0 = weir.conv2d %x, %w1 {kernel = array<i64: 1>, filters = 960 : i64, use_bias = false} : (tensor<1x7x7x160xf32>, tensor<1x1x160x960xf32>) -> tensor<1x7x7x960xf32>
  // expected-remark@+1 {{is not computed in strips: 1128960 bytes less to move are not worth 12902400 products again and 8601600 bytes of weights read again}}
  %1 = weir.depthwise_conv2d %0, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x7x7x960xf32>, tensor<3x3x960xf32>) -> tensor<1x7x7x960xf32>
  %2 = weir.conv2d %1, %w3 {kernel = array<i64: 1>, filters = 160 : i64, use_bias = false} : (tensor<1x7x7x960xf32>, tensor<1x1x960x160xf32>) -> tensor<1x7x7x160xf32>
  return %2 : tensor<1x7x7x160xf32>
}

// -----

// Behind a separable convolution comes another one: each 1x1 convolution belongs to one of them.
// CHECK-LABEL: func.func @two
// CHECK: weir.kernel "depthwise_separable_f32_1x8x8x8x16"
// CHECK: weir.kernel "depthwise_separable_f32_1x8x8x16x4"
// MARKED-LABEL: func.func @two
// MARKED: weir.strip_chain = 0
// MARKED: weir.strip_chain = 0
// MARKED: weir.strip_chain = 1
// MARKED: weir.strip_chain = 1
func.func @two(%x: tensor<1x8x8x8xf32>, %w0: tensor<3x3x8xf32>, %w1: tensor<1x1x8x16xf32>, %w2: tensor<3x3x16xf32>, %w3: tensor<1x1x16x4xf32>) -> tensor<1x8x8x4xf32> {
  // expected-remark@+1 {{is computed in 1 strip}}
  %0 = weir.depthwise_conv2d %x, %w0 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<3x3x8xf32>) -> tensor<1x8x8x8xf32>
  %1 = weir.conv2d %0, %w1 {kernel = array<i64: 1>, filters = 16 : i64, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<1x1x8x16xf32>) -> tensor<1x8x8x16xf32>
  // expected-remark@+1 {{is computed in 1 strip}}
  %2 = weir.depthwise_conv2d %1, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x8x8x16xf32>, tensor<3x3x16xf32>) -> tensor<1x8x8x16xf32>
  %3 = weir.conv2d %2, %w3 {kernel = array<i64: 1>, filters = 4 : i64, use_bias = false} : (tensor<1x8x8x16xf32>, tensor<1x1x16x4xf32>) -> tensor<1x8x8x4xf32>
  return %3 : tensor<1x8x8x4xf32>
}

// -----

// A 3x3 convolution behind it, several channels of one, a GPU: all as before.
// CHECK-LABEL: func.func @others
// CHECK-NOT: depthwise_separable
func.func @others(%x: tensor<1x8x8x4xf32>, %w2: tensor<3x3x8xf32>, %w3: tensor<3x3x8x4xf32>, %w4: tensor<3x3x4xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x6x6x4xf32>) {
  // expected-remark@+1 {{is not computed in strips: no 1x1 convolution comes behind it}}
  %0 = weir.depthwise_conv2d %x, %w4 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x8x8x4xf32>, tensor<3x3x4xf32>) -> tensor<1x8x8x4xf32>
  // expected-remark@+1 {{is not computed in strips: it makes several channels of one}}
  %1 = weir.depthwise_conv2d %0, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, multiplier = 2 : i64, use_bias = false} : (tensor<1x8x8x4xf32>, tensor<3x3x8xf32>) -> tensor<1x8x8x8xf32>
  %2 = weir.conv2d %1, %w3 {kernel = array<i64: 3>, filters = 4 : i64, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<3x3x8x4xf32>) -> tensor<1x6x6x4xf32>
  return %1, %2 : tensor<1x8x8x8xf32>, tensor<1x6x6x4xf32>
}

// -----

// So few rows that the first window sees nearly all, more of them below than above.
// CHECK-LABEL: func.func @few_rows
// CHECK-NOT: depthwise_separable
// ALWAYS-LABEL: func.func @few_rows
// ALWAYS-NOT: depthwise_separable
func.func @few_rows(%x: tensor<1x3x6x8xf32>, %w2: tensor<2x2x8xf32>, %w3: tensor<1x1x8x4xf32>) -> tensor<1x3x6x4xf32> {
  // expected-remark@+1 {{is not computed in strips: of so few rows, Halide leaves out some where windows see more below than above}}
  %0 = weir.depthwise_conv2d %x, %w2 {kernel = array<i64: 2>, padding = array<i64: 0, 1, 0, 1>, use_bias = false} : (tensor<1x3x6x8xf32>, tensor<2x2x8xf32>) -> tensor<1x3x6x8xf32>
  %1 = weir.conv2d %0, %w3 {kernel = array<i64: 1>, filters = 4 : i64, use_bias = false} : (tensor<1x3x6x8xf32>, tensor<1x1x8x4xf32>) -> tensor<1x3x6x4xf32>
  return %1 : tensor<1x3x6x4xf32>
}

// -----

// CHECK-LABEL: func.func @gpu
// CHECK-NOT: depthwise_separable
module attributes {weir.device = "cuda"} {
  func.func @gpu(%x: tensor<1x8x8x8xf32>, %w2: tensor<3x3x8xf32>, %w3: tensor<1x1x8x4xf32>) -> tensor<1x8x8x4xf32> {
    %0 = weir.depthwise_conv2d %x, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<3x3x8xf32>) -> tensor<1x8x8x8xf32>
    %1 = weir.conv2d %0, %w3 {kernel = array<i64: 1>, filters = 4 : i64, use_bias = false} : (tensor<1x8x8x8xf32>, tensor<1x1x8x4xf32>) -> tensor<1x8x8x4xf32>
    return %1 : tensor<1x8x8x4xf32>
  }
}
