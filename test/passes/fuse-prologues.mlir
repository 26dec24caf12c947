// RUN: weir-opt %s --fuse-prologues --lower-convolutions --sink-views --form-groups --split-input-file | FileCheck %s
// RUN: weir-opt %s --fuse-prologues --split-input-file | FileCheck %s --check-prefix=MARKED
// RUN: weir-opt %s --fuse-prologues --remarks-filter="fuse" --split-input-file --verify-diagnostics -o /dev/null

// Batch norm with the statistics of what a convolution made, read by a depthwise convolution and its weight's gradient: each
// of them has it in its own kernel, in the copy of the image, and it is never written.
// MARKED-LABEL: func.func @both
// MARKED: %[[X:.*]] = weir.conv2d
// MARKED: %[[N:.*]] = weir.batch_norm %[[X]], {{.*}}weir.prologue
// MARKED-NEXT: %[[A:.*]] = weir.relu6 %[[N]] {weir.prologue}
// MARKED-NEXT: weir.depthwise_conv2d %[[A]]
// MARKED: weir.batch_norm %[[X]], {{.*}}weir.prologue
// MARKED-NEXT: %[[B:.*]] = weir.relu6 {{.*}}weir.prologue
// MARKED-NEXT: weir.depthwise_weight_grad %[[B]]
// CHECK-LABEL: func.func @both
// CHECK: %[[P:.*]]:3 = weir.kernel "dense_batch_stats_f32_72x4x8"
// CHECK: %[[X:.*]] = weir.view %[[P]]#0
// CHECK: weir.kernel "batch_norm_relu6_depthwise_conv2d_f32_2x6x6x8"(%{{.*}} = %[[X]] :
// CHECK-NEXT: weir.batch_norm {{.*}} {training = true} :
// CHECK-NEXT: weir.relu6 %{{[^ ]*}} : tensor
// CHECK-NEXT: weir.depthwise_conv2d
// CHECK-NEXT: weir.yield %{{[^ ,]*}} :
// CHECK: weir.kernel "batch_norm_relu6_depthwise_weight_grad_f32_3x3x8"(%{{.*}} = %[[X]] :
// CHECK-NOT: weir.kernel
// CHECK: return
func.func @both(%image: tensor<2x6x6x4xf32>, %v: tensor<1x1x4x8xf32>, %c: tensor<8xf32>, %w: tensor<3x3x8xf32>, %dy: tensor<2x6x6x8xf32>) -> (tensor<2x6x6x8xf32>, tensor<3x3x8xf32>) {
  %x = weir.conv2d %image, %v {kernel = array<i64: 1>, filters = 8 : i64, use_bias = false} : (tensor<2x6x6x4xf32>, tensor<1x1x4x8xf32>) -> tensor<2x6x6x8xf32>
  %mean, %variance = weir.batch_stats %x : (tensor<2x6x6x8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  // expected-remark@+2 {{'batch_norm' is computed in the copy of the image that 'depthwise_conv2d' reads through its windows: saves 2 KB written}}
  // expected-remark@+1 {{'batch_norm' is computed in the copy of the image that 'depthwise_weight_grad' reads}}
  %n = weir.batch_norm %x, %c, %c, %mean, %variance {training = true} : (tensor<2x6x6x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x6x6x8xf32>
  // expected-remark@+2 {{'relu6' is computed in the copy of the image that 'depthwise_conv2d' reads}}
  // expected-remark@+1 {{'relu6' is computed in the copy of the image that 'depthwise_weight_grad' reads}}
  %a = weir.relu6 %n : tensor<2x6x6x8xf32>
  %y = weir.depthwise_conv2d %a, %w {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<2x6x6x8xf32>, tensor<3x3x8xf32>) -> tensor<2x6x6x8xf32>
  %dw = weir.depthwise_weight_grad %a, %dy {padding = array<i64: 1>} : (tensor<2x6x6x8xf32>, tensor<2x6x6x8xf32>) -> tensor<3x3x8xf32>
  return %y, %dw : tensor<2x6x6x8xf32>, tensor<3x3x8xf32>
}

// -----

// Not where somebody else reads it, where there is no border, where the loops before take it in, nor for a GPU.
// MARKED-LABEL: func.func @read
// MARKED-NOT: weir.prologue
func.func @read(%x: tensor<2x6x6x8xf32>, %w: tensor<3x3x8xf32>) -> (tensor<2x6x6x8xf32>, tensor<2x6x6x8xf32>) {
  %a = weir.relu6 %x : tensor<2x6x6x8xf32>
  %y = weir.depthwise_conv2d %a, %w {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<2x6x6x8xf32>, tensor<3x3x8xf32>) -> tensor<2x6x6x8xf32>
  return %a, %y : tensor<2x6x6x8xf32>, tensor<2x6x6x8xf32>
}
// MARKED-LABEL: func.func @no_border
// MARKED-NOT: weir.prologue
func.func @no_border(%x: tensor<2x6x6x8xf32>, %w: tensor<3x3x8xf32>) -> tensor<2x4x4x8xf32> {
  %a = weir.relu6 %x : tensor<2x6x6x8xf32>
  %y = weir.depthwise_conv2d %a, %w {kernel = array<i64: 3>, use_bias = false} : (tensor<2x6x6x8xf32>, tensor<3x3x8xf32>) -> tensor<2x4x4x8xf32>
  return %y : tensor<2x4x4x8xf32>
}
// MARKED-LABEL: func.func @epilogue
// MARKED-NOT: weir.prologue
// CHECK-LABEL: func.func @epilogue
// CHECK: weir.kernel "dense_relu6_f32_72x4x8"
// CHECK: weir.kernel "depthwise_conv2d_f32_2x6x6x8"
func.func @epilogue(%image: tensor<2x6x6x4xf32>, %v: tensor<1x1x4x8xf32>, %w: tensor<3x3x8xf32>) -> tensor<2x6x6x8xf32> {
  %x = weir.conv2d %image, %v {kernel = array<i64: 1>, filters = 8 : i64, use_bias = false} : (tensor<2x6x6x4xf32>, tensor<1x1x4x8xf32>) -> tensor<2x6x6x8xf32>
  %a = weir.relu6 %x : tensor<2x6x6x8xf32>
  %y = weir.depthwise_conv2d %a, %w {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<2x6x6x8xf32>, tensor<3x3x8xf32>) -> tensor<2x6x6x8xf32>
  return %y : tensor<2x6x6x8xf32>
}

// -----

module attributes {weir.device = "opencl"} {
  // MARKED-LABEL: func.func @device
  // MARKED-NOT: weir.prologue
  func.func @device(%x: tensor<2x6x6x8xf32>, %w: tensor<3x3x8xf32>) -> tensor<2x6x6x8xf32> {
    %a = weir.relu6 %x : tensor<2x6x6x8xf32>
    %y = weir.depthwise_conv2d %a, %w {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<2x6x6x8xf32>, tensor<3x3x8xf32>) -> tensor<2x6x6x8xf32>
    return %y : tensor<2x6x6x8xf32>
  }
}
