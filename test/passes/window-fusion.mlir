// Products that read images through windows: which take them in, and why others do not.
// RUN: weir-opt %s --form-groups --remarks-filter=fuse --split-input-file --verify-diagnostics | FileCheck %s
// RUN: weir-opt %s --form-groups --split-input-file | weir-opt --plan-memory --split-input-file -o /dev/null

// The view between them stands in the kernel too, and is what the product's text says of its operand.
// CHECK-LABEL: func.func @forward
// CHECK-NEXT: %[[Y:.*]] = weir.kernel "patches_dense_relu_f32_36x36x8"(%[[X:.*]] = %arg0 : tensor<1x6x6x4xf32>, %[[W:.*]] = %arg1 : tensor<36x8xf32>) -> (tensor<36x8xf32>) {
// CHECK-NEXT: %[[P:.*]] = weir.patches %[[X]]
// CHECK-NEXT: %[[M:.*]] = weir.view %[[P]]
// CHECK-NEXT: weir.dense %[[M]], %[[W]]
// CHECK: return %[[Y]]
func.func @forward(%x: tensor<1x6x6x4xf32>, %w: tensor<36x8xf32>) -> tensor<36x8xf32> {
  // expected-remark@+1 {{'patches' are read from the image by the product: saves 6 KB that would be written and read again, against 1 KB of the image with its border}}
  %p = weir.patches %x {kernel = array<i64: 3>, padding = array<i64: 1>} : (tensor<1x6x6x4xf32>) -> tensor<1x6x6x3x3x4xf32>
  %m = weir.view %p : tensor<1x6x6x3x3x4xf32> -> tensor<36x36xf32>
  // expected-remark@+1 {{'dense' begins a kernel}}
  %y = weir.dense %m, %w {units = 8 : i64, use_bias = false} : (tensor<36x36xf32>, tensor<36x8xf32>) -> tensor<36x8xf32>
  // expected-remark@+1 {{'relu' is fused into the loops of 'dense'}}
  %z = weir.relu %y : tensor<36x8xf32>
  return %z : tensor<36x8xf32>
}

// -----

// The gradient of the weight makes the windows again for itself, and its update stands behind it. The image is made by a
// kernel of its own, which comes before.
weir.variable @w : tensor<36x8xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @v : tensor<36x8xf32> {init = {kind = "zeros"}, kind = "optimizer"}
// CHECK-LABEL: func.func @gradient
// CHECK: %[[X:.*]] = weir.kernel "relu_f32_1x6x6x4"
// CHECK: weir.kernel "patches_dense_weight_grad_sgd_f32_36x36x8"(%{{.*}} = %[[X]]
// CHECK: weir.assign
func.func @gradient(%x: tensor<1x6x6x4xf32>, %dy: tensor<36x8xf32>, %rate: tensor<f32>) {
  %w = weir.read @w : tensor<36x8xf32>
  %v = weir.read @v : tensor<36x8xf32>
  // expected-remark@+1 {{begins a kernel}}
  %i = weir.relu %x : tensor<1x6x6x4xf32>
  // expected-remark@+1 {{'patches' are read from the image by the product}}
  %p = weir.patches %i {kernel = array<i64: 3>, padding = array<i64: 1>} : (tensor<1x6x6x4xf32>) -> tensor<1x6x6x3x3x4xf32>
  %m = weir.view %p : tensor<1x6x6x3x3x4xf32> -> tensor<36x36xf32>
  // expected-remark@+1 {{begins a kernel}}
  %g = weir.dense_weight_grad %m, %dy : (tensor<36x36xf32>, tensor<36x8xf32>) -> tensor<36x8xf32>
  // expected-remark@+1 {{'sgd' is fused into the loops of 'dense_weight_grad'}}
  %new:2 = weir.sgd %w, %g, %rate, %v : (tensor<36x8xf32>, tensor<36x8xf32>, tensor<f32>, tensor<36x8xf32>) -> (tensor<36x8xf32>, tensor<36x8xf32>)
  weir.assign @w, %new#0 : tensor<36x8xf32>
  weir.assign @v, %new#1 : tensor<36x8xf32>
  return
}

// -----

// CHECK-LABEL: func.func @readers
// CHECK: weir.kernel "patches_f32_1x2x2x2x2x1"
// CHECK: weir.kernel "dense_f32_4x4x8"
// CHECK: weir.kernel "relu_f32_1x2x2x2x2x1"
func.func @readers(%x: tensor<1x3x3x1xf32>, %w: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<1x2x2x2x2x1xf32>) {
  // expected-remark@+2 {{'patches' are written out: they have several readers}}
  // expected-remark@+1 {{'patches' begins a kernel}}
  %p = weir.patches %x {kernel = array<i64: 2>} : (tensor<1x3x3x1xf32>) -> tensor<1x2x2x2x2x1xf32>
  %m = weir.view %p : tensor<1x2x2x2x2x1xf32> -> tensor<4x4xf32>
  // expected-remark@+1 {{begins a kernel}}
  %y = weir.dense %m, %w {units = 8 : i64, use_bias = false} : (tensor<4x4xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  // expected-remark@+1 {{'relu' begins a kernel: the loops that make what it reads take nothing behind them}}
  %z = weir.relu %p : tensor<1x2x2x2x2x1xf32>
  return %y, %z : tensor<4x8xf32>, tensor<1x2x2x2x2x1xf32>
}

// -----

// Lines of 31 positions have tiles that are pieces of them.
// CHECK-LABEL: func.func @pieces
// CHECK: weir.kernel "patches_dense_f32_372x36x16"
func.func @pieces(%x: tensor<1x14x33x4xf32>, %w: tensor<36x16xf32>) -> tensor<372x16xf32> {
  // expected-remark@+1 {{'patches' are read from the image by the product: saves 53 KB that would be written and read again}}
  %p = weir.patches %x {kernel = array<i64: 3>} : (tensor<1x14x33x4xf32>) -> tensor<1x12x31x3x3x4xf32>
  %m = weir.view %p : tensor<1x12x31x3x3x4xf32> -> tensor<372x36xf32>
  // expected-remark@+1 {{begins a kernel}}
  %y = weir.dense %m, %w {units = 16 : i64, use_bias = false} : (tensor<372x36xf32>, tensor<36x16xf32>) -> tensor<372x16xf32>
  return %y : tensor<372x16xf32>
}

// -----

// The gradient's rows are taps: 31 channels fit no register tile but by one, which costs more than writing 40 KB.
// CHECK-LABEL: func.func @awkward
// CHECK: weir.kernel "patches_f32_1x6x6x3x3x31"
// CHECK: weir.kernel "dense_weight_grad_f32_279x36x16"
func.func @awkward(%x: tensor<1x8x8x31xf32>, %dy: tensor<36x16xf32>) -> tensor<279x16xf32> {
  // expected-remark@+2 {{'patches' are written out, 40 KB: tiles of windows would take longer than that}}
  // expected-remark@+1 {{begins a kernel}}
  %p = weir.patches %x {kernel = array<i64: 3>} : (tensor<1x8x8x31xf32>) -> tensor<1x6x6x3x3x31xf32>
  %m = weir.view %p : tensor<1x6x6x3x3x31xf32> -> tensor<36x279xf32>
  // expected-remark@+1 {{begins a kernel}}
  %g = weir.dense_weight_grad %m, %dy : (tensor<36x279xf32>, tensor<36x16xf32>) -> tensor<279x16xf32>
  return %g : tensor<279x16xf32>
}
