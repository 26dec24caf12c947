// RUN: weir-opt %s --recompute --split-input-file | FileCheck %s
// RUN: weir-opt %s --recompute --form-groups --split-input-file | FileCheck %s --check-prefix=GROUPS

// What the backward pass reads is made again of what is there anyway: %x, which gelu_grad reads.
module attributes {weir.recompute} {
  weir.variable @w : tensor<64x64xf32> {init = {kind = "zeros"}, kind = "parameter"}
  // CHECK-LABEL: func.func @step
  // CHECK: %[[X:.*]] = weir.dense %arg0
  // CHECK: %[[Y:.*]] = weir.gelu %[[X]] : tensor<32x64xf32>
  // CHECK: %[[LOSS:.*]] = weir.sum_to %[[Y]]
  // CHECK: %[[AGAIN:.*]] = weir.gelu %[[X]] {weir.recomputed}
  // CHECK: weir.dense_weight_grad %[[AGAIN]]
  // CHECK: weir.gelu_grad %[[X]]
  // CHECK: return %[[LOSS]]
  // Not in the kernel of the forward pass, and not marked any more.
  // GROUPS-LABEL: func.func @step
  // GROUPS: weir.kernel "dense_gelu{{(_gelu_grad)?}}_f32_32x64x64"
  // GROUPS: weir.kernel "sum_to
  // GROUPS: weir.kernel "gelu_f32_{{.*}}"
  // GROUPS-NEXT: weir.gelu %{{.*}} : tensor<32x64xf32>
  // GROUPS: weir.kernel "dense_weight_grad
  func.func @step(%arg0: tensor<32x64xf32>, %dy: tensor<32x64xf32>) -> tensor<f32> {
    %w = weir.read @w : tensor<64x64xf32>
    %x = weir.dense %arg0, %w {units = 64 : i64, use_bias = false} : (tensor<32x64xf32>, tensor<64x64xf32>) -> tensor<32x64xf32>
    %y = weir.gelu %x : tensor<32x64xf32>
    %loss = weir.sum_to %y : tensor<32x64xf32> -> tensor<f32>
    %dw = weir.dense_weight_grad %y, %dy : (tensor<32x64xf32>, tensor<32x64xf32>) -> tensor<64x64xf32>
    %dx = weir.gelu_grad %x, %dy : tensor<32x64xf32>
    %dv = weir.dense_weight_grad %arg0, %dx : (tensor<32x64xf32>, tensor<32x64xf32>) -> tensor<64x64xf32>
    %sum = weir.add %dw, %dv : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
    weir.assign @w, %sum : tensor<64x64xf32>
    return %loss : tensor<f32>
  }
}

// -----

// Unless bytes are dear: no exponentials, nothing below 64 KB.
module {
  weir.variable @w : tensor<64x64xf32> {init = {kind = "zeros"}, kind = "parameter"}
  // CHECK-LABEL: func.func @gelu
  // CHECK-SAME: weir.recomputed = 0
  // CHECK-NOT: {weir.recomputed}
  func.func @gelu(%x: tensor<1024x64xf32>, %dy: tensor<1024x64xf32>) -> tensor<f32> {
    %y = weir.gelu %x : tensor<1024x64xf32>
    %loss = weir.sum_to %y : tensor<1024x64xf32> -> tensor<f32>
    %dw = weir.dense_weight_grad %y, %dy : (tensor<1024x64xf32>, tensor<1024x64xf32>) -> tensor<64x64xf32>
    weir.assign @w, %dw : tensor<64x64xf32>
    return %loss : tensor<f32>
  }
  // CHECK-LABEL: func.func @small_relu
  // CHECK-SAME: weir.recomputed = 0
  func.func @small_relu(%x: tensor<128x64xf32>, %dy: tensor<128x64xf32>) -> tensor<f32> {
    %y = weir.relu %x : tensor<128x64xf32>
    %loss = weir.sum_to %y : tensor<128x64xf32> -> tensor<f32>
    %dw = weir.dense_weight_grad %y, %dy : (tensor<128x64xf32>, tensor<128x64xf32>) -> tensor<64x64xf32>
    weir.assign @w, %dw : tensor<64x64xf32>
    return %loss : tensor<f32>
  }
  // CHECK-LABEL: func.func @relu
  // CHECK-SAME: weir.recomputed = 1
  // CHECK: weir.relu %arg0 {weir.recomputed}
  func.func @relu(%x: tensor<1024x64xf32>, %dy: tensor<1024x64xf32>) -> tensor<f32> {
    %y = weir.relu %x : tensor<1024x64xf32>
    %loss = weir.sum_to %y : tensor<1024x64xf32> -> tensor<f32>
    %dw = weir.dense_weight_grad %y, %dy : (tensor<1024x64xf32>, tensor<1024x64xf32>) -> tensor<64x64xf32>
    weir.assign @w, %dw : tensor<64x64xf32>
    return %loss : tensor<f32>
  }
  // An inference has no backward pass.
  // CHECK-LABEL: func.func @infer
  // CHECK-NOT: weir.recomputed
  func.func @infer(%x: tensor<1024x64xf32>) -> tensor<1024x64xf32> {
    %y = weir.relu %x : tensor<1024x64xf32>
    return %y : tensor<1024x64xf32>
  }
}

// -----

// A value that is made again of one that is made again would begin a chain: %b is kept.
module {
  weir.variable @w : tensor<64x64xf32> {init = {kind = "zeros"}, kind = "parameter"}
  // CHECK-LABEL: func.func @chain
  // CHECK-SAME: weir.recomputed = 1
  // CHECK: %[[B:.*]] = weir.relu6
  // CHECK: %[[AGAIN:.*]] = weir.relu %arg0 {weir.recomputed}
  // CHECK: weir.dense_weight_grad %[[AGAIN]]
  // CHECK: weir.dense_weight_grad %[[B]]
  func.func @chain(%x: tensor<1024x64xf32>, %dy: tensor<1024x64xf32>) -> tensor<f32> {
    %a = weir.relu %x : tensor<1024x64xf32>
    %b = weir.relu6 %a : tensor<1024x64xf32>
    %loss = weir.sum_to %b : tensor<1024x64xf32> -> tensor<f32>
    %da = weir.dense_weight_grad %a, %dy : (tensor<1024x64xf32>, tensor<1024x64xf32>) -> tensor<64x64xf32>
    %db = weir.dense_weight_grad %b, %dy : (tensor<1024x64xf32>, tensor<1024x64xf32>) -> tensor<64x64xf32>
    %sum = weir.add %da, %db : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
    weir.assign @w, %sum : tensor<64x64xf32>
    return %loss : tensor<f32>
  }
}

// -----

// What a concat holds is there where the concat is: its parts are not made again, and neither is it. Their gradients read
// them instead of what they were made of.
module {
  weir.variable @w : tensor<128x128xf32> {init = {kind = "zeros"}, kind = "parameter"}
  // CHECK-LABEL: func.func @parts
  // CHECK-SAME: weir.recomputed = 0
  // CHECK: %[[A:.*]] = weir.relu
  // CHECK: %[[B:.*]] = weir.relu6
  // CHECK: weir.relu_grad %[[A]]
  // CHECK: weir.relu6_grad %[[B]]
  func.func @parts(%x: tensor<1024x64xf32>, %y: tensor<1024x64xf32>, %dy: tensor<1024x128xf32>) -> (tensor<f32>, tensor<1024x64xf32>, tensor<1024x64xf32>) {
    %a = weir.relu %x : tensor<1024x64xf32>
    %b = weir.relu6 %y : tensor<1024x64xf32>
    %c = weir.concat %a, %b : (tensor<1024x64xf32>, tensor<1024x64xf32>) -> tensor<1024x128xf32>
    %loss = weir.sum_to %c : tensor<1024x128xf32> -> tensor<f32>
    %dw = weir.dense_weight_grad %c, %dy : (tensor<1024x128xf32>, tensor<1024x128xf32>) -> tensor<128x128xf32>
    weir.assign @w, %dw : tensor<128x128xf32>
    %da = weir.slice %dy {begin = 0 : i64, end = 64 : i64} : (tensor<1024x128xf32>) -> tensor<1024x64xf32>
    %db = weir.slice %dy {begin = 64 : i64, end = 128 : i64} : (tensor<1024x128xf32>) -> tensor<1024x64xf32>
    %dx = weir.relu_grad %x, %da : tensor<1024x64xf32>
    %dz = weir.relu6_grad %y, %db : tensor<1024x64xf32>
    return %loss, %dx, %dz : tensor<f32>, tensor<1024x64xf32>, tensor<1024x64xf32>
  }
}
