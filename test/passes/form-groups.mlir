// RUN: weir-opt %s --form-groups --split-input-file --verify-diagnostics | FileCheck %s

// Elementwise ops become the epilogue of the matrix product before them; the name says what, on what sizes.
// CHECK-LABEL: func.func @epilogue
// CHECK: %[[H:.*]] = weir.kernel "dense_gelu_dropout_f32_3x7x5"(%[[X:.*]] = %arg0 : tensor<3x7xf32>,
// CHECK-NEXT: weir.dense %[[X]]
// CHECK-NEXT: weir.gelu
// CHECK-NEXT: %[[OUT:.*]] = weir.dropout
// CHECK-NEXT: weir.yield %[[OUT]] : tensor<3x5xf32>
// CHECK: weir.kernel "softmax_f32_3x5"(%{{.*}} = %[[H]] :
func.func @epilogue(%x: tensor<3x7xf32>, %w: tensor<7x5xf32>, %b: tensor<5xf32>, %counter: tensor<3xi32>) -> tensor<3x5xf32> {
  %0 = weir.dense %x, %w, %b {units = 5 : i64} : (tensor<3x7xf32>, tensor<7x5xf32>, tensor<5xf32>) -> tensor<3x5xf32>
  %1 = weir.gelu %0 : tensor<3x5xf32>
  %2 = weir.dropout %1, %counter {rate = 0.5} : (tensor<3x5xf32>, tensor<3xi32>) -> tensor<3x5xf32>
  %3 = weir.softmax %2 : tensor<3x5xf32>
  return %3 : tensor<3x5xf32>
}

// -----

// A value that is used outside as well is yielded.
// CHECK-LABEL: func.func @uses
// CHECK: %[[K:.*]]:2 = weir.kernel "dense_relu_f32_3x7x5"
// CHECK: weir.yield %{{.*}}, %{{.*}} : tensor<3x5xf32>, tensor<3x5xf32>
// CHECK: weir.kernel "softmax_f32_3x5"(%{{.*}} = %[[K]]#0 :
// CHECK: weir.kernel "softmax_f32_3x5"(%{{.*}} = %[[K]]#1 :
func.func @uses(%x: tensor<3x7xf32>, %w: tensor<7x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %0 = weir.dense %x, %w {units = 5 : i64} : (tensor<3x7xf32>, tensor<7x5xf32>) -> tensor<3x5xf32>
  %1 = weir.relu %0 : tensor<3x5xf32>
  %2 = weir.softmax %0 : tensor<3x5xf32>
  %3 = weir.softmax %1 : tensor<3x5xf32>
  return %2, %3 : tensor<3x5xf32>, tensor<3x5xf32>
}

// -----

// The optimizer stands behind the gradient that it alone reads, so that the gradient is never written out; a loss and
// its gradient share a group, and the constant 1 that the gradient begins with is repeated inside.
// CHECK-LABEL: func.func @training
weir.variable @w : tensor<7x5xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @v : tensor<7x5xf32> {init = {kind = "zeros"}, kind = "optimizer"}
// CHECK: weir.kernel "cross_entropy_cross_entropy_grad_f32_3x5"
// CHECK-NEXT: weir.cross_entropy
// CHECK-NEXT: weir.fill
// CHECK-NEXT: weir.cross_entropy_grad
// CHECK: %[[NEW:.*]]:2 = weir.kernel "dense_weight_grad_sgd_f32_7x3x5"
// CHECK-NEXT: weir.dense_weight_grad
// CHECK-NEXT: %[[UPDATED:.*]]:2 = weir.sgd
// CHECK-NEXT: weir.yield %[[UPDATED]]#0, %[[UPDATED]]#1 :
// CHECK: weir.assign @w, %[[NEW]]#0
func.func @training(%x: tensor<3x7xf32>, %y: tensor<3x5xf32>, %label: tensor<3xi32>, %rate: tensor<f32>) -> tensor<f32> {
  %w = weir.read @w : tensor<7x5xf32>
  %v = weir.read @v : tensor<7x5xf32>
  %loss, %correct = weir.cross_entropy %y, %label : (tensor<3x5xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<i32>)
  %one = weir.fill 1.0 : tensor<f32>
  %dy = weir.cross_entropy_grad %y, %label, %one : (tensor<3x5xf32>, tensor<3xi32>, tensor<f32>) -> tensor<3x5xf32>
  %dw = weir.dense_weight_grad %x, %dy : (tensor<3x7xf32>, tensor<3x5xf32>) -> tensor<7x5xf32>
  %new:2 = weir.sgd %w, %dw, %rate, %v : (tensor<7x5xf32>, tensor<7x5xf32>, tensor<f32>, tensor<7x5xf32>) -> (tensor<7x5xf32>, tensor<7x5xf32>)
  weir.assign @w, %new#0 : tensor<7x5xf32>
  weir.assign @v, %new#1 : tensor<7x5xf32>
  return %loss : tensor<f32>
}

// -----

// A gradient with a second reader is written out, and the update stands alone.
// CHECK-LABEL: func.func @second_reader
// CHECK: weir.kernel "dense_weight_grad_f32_7x3x5"
// CHECK: weir.kernel "sgd_f32_7x5"
func.func @second_reader(%x: tensor<3x7xf32>, %dy: tensor<3x5xf32>, %w: tensor<7x5xf32>, %v: tensor<7x5xf32>, %rate: tensor<f32>)
    -> (tensor<7x5xf32>, tensor<7x5xf32>, tensor<7x5xf32>) {
  %dw = weir.dense_weight_grad %x, %dy : (tensor<3x7xf32>, tensor<3x5xf32>) -> tensor<7x5xf32>
  %new:2 = weir.sgd %w, %dw, %rate, %v : (tensor<7x5xf32>, tensor<7x5xf32>, tensor<f32>, tensor<7x5xf32>) -> (tensor<7x5xf32>, tensor<7x5xf32>)
  return %dw, %new#0, %new#1 : tensor<7x5xf32>, tensor<7x5xf32>, tensor<7x5xf32>
}

// -----

// Whoever reads the weight comes before the update, even where the program has it later.
weir.variable @w : tensor<7x5xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @v : tensor<7x5xf32> {init = {kind = "zeros"}, kind = "optimizer"}
// CHECK-LABEL: func.func @readers_first
// CHECK: weir.kernel "dense_input_grad_f32_3x5x7"
// CHECK: weir.kernel "dense_weight_grad_sgd_f32_7x3x5"
func.func @readers_first(%x: tensor<3x7xf32>, %dy: tensor<3x5xf32>, %rate: tensor<f32>) -> tensor<3x7xf32> {
  %w = weir.read @w : tensor<7x5xf32>
  %v = weir.read @v : tensor<7x5xf32>
  %dw = weir.dense_weight_grad %x, %dy : (tensor<3x7xf32>, tensor<3x5xf32>) -> tensor<7x5xf32>
  %new:2 = weir.sgd %w, %dw, %rate, %v : (tensor<7x5xf32>, tensor<7x5xf32>, tensor<f32>, tensor<7x5xf32>) -> (tensor<7x5xf32>, tensor<7x5xf32>)
  %dx = weir.dense_input_grad %dy, %w : (tensor<3x5xf32>, tensor<7x5xf32>) -> tensor<3x7xf32>
  weir.assign @w, %new#0 : tensor<7x5xf32>
  weir.assign @v, %new#1 : tensor<7x5xf32>
  return %dx : tensor<3x7xf32>
}

// -----

// A diamond: the sum needs the left branch and what softmax makes of it, so it cannot be the left branch's epilogue.
// CHECK-LABEL: func.func @diamond
// CHECK: %[[LEFT:.*]] = weir.kernel "dense_f32_3x7x5"
// CHECK: %[[RIGHT:.*]] = weir.kernel "softmax_f32_3x5"(%{{.*}} = %[[LEFT]] :
// CHECK: weir.kernel "add_f32_3x5"(%{{.*}} = %[[LEFT]] : tensor<3x5xf32>, %{{.*}} = %[[RIGHT]] :
func.func @diamond(%x: tensor<3x7xf32>, %w: tensor<7x5xf32>) -> tensor<3x5xf32> {
  %0 = weir.dense %x, %w {units = 5 : i64} : (tensor<3x7xf32>, tensor<7x5xf32>) -> tensor<3x5xf32>
  %1 = weir.softmax %0 : tensor<3x5xf32>
  %2 = weir.add %0, %1 : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  return %2 : tensor<3x5xf32>
}

// -----

// Crosswise: the sum joins the first product, so the product of both must not join the second, although its first
// operand is made there and its other operand stands before it in the program.
// CHECK-LABEL: func.func @crosswise
// CHECK: %[[SECOND:.*]] = weir.kernel "dense_f32_3x7x5"(%{{.*}} = %arg1 :
// CHECK: %{{.*}} = weir.kernel "dense_add_mul_f32_3x7x5"(%{{.*}} = %arg0 :
func.func @crosswise(%x: tensor<3x7xf32>, %y: tensor<3x7xf32>, %w: tensor<7x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
  %a = weir.dense %x, %w {units = 5 : i64} : (tensor<3x7xf32>, tensor<7x5xf32>) -> tensor<3x5xf32>
  %b = weir.dense %y, %w {units = 5 : i64} : (tensor<3x7xf32>, tensor<7x5xf32>) -> tensor<3x5xf32>
  %sum = weir.add %a, %b : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  %product = weir.mul %b, %a : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  return %sum, %product : tensor<3x5xf32>, tensor<3x5xf32>
}

// -----

// A broadcast operand does not make an epilogue of its group: the loops have other extents.
// CHECK-LABEL: func.func @broadcast
// CHECK: weir.kernel "relu_f32_1x5"
// CHECK: weir.kernel "add_f32_3x5"
func.func @broadcast(%row: tensor<1x5xf32>, %x: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %0 = weir.relu %row : tensor<1x5xf32>
  %1 = weir.add %0, %x : (tensor<1x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  return %1 : tensor<3x5xf32>
}

// -----

// A view moves no data and stays outside; it hangs behind what it is a view of.
// CHECK-LABEL: func.func @views
// CHECK-NEXT: %[[ROWS:.*]] = weir.view %arg0
// CHECK-NEXT: %[[RELU:.*]] = weir.kernel "relu_f32_3x8"(%{{.*}} = %[[ROWS]] :
// CHECK: %[[CUBE:.*]] = weir.view %[[RELU]] : tensor<3x8xf32> -> tensor<3x2x4xf32>
// CHECK-NEXT: %[[OTHER:.*]] = weir.view %[[CUBE]] : tensor<3x2x4xf32> -> tensor<3x4x2xf32>
// CHECK-NEXT: weir.kernel "softmax_f32_3x4x2"(%{{.*}} = %[[OTHER]] :
func.func @views(%x: tensor<3x2x4x1xf32>) -> tensor<3x4x2xf32> {
  %0 = weir.view %x : tensor<3x2x4x1xf32> -> tensor<3x8xf32>
  %1 = weir.relu %0 : tensor<3x8xf32>
  %2 = weir.view %1 : tensor<3x8xf32> -> tensor<3x2x4xf32>
  %3 = weir.view %2 : tensor<3x2x4xf32> -> tensor<3x4x2xf32>
  %4 = weir.softmax %3 : tensor<3x4x2xf32>
  return %4 : tensor<3x4x2xf32>
}

// -----

// What no kernel makes is copied to where it is returned: arguments, variables, views, and values returned twice.
weir.variable @w : tensor<2x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
// CHECK-LABEL: func.func @returned
// CHECK-DAG: %[[ARGUMENT:.*]] = weir.kernel "copy_f32_2x3"(%{{.*}} = %arg0 :
// CHECK-DAG: %[[READ:.*]] = weir.read @w
// CHECK-DAG: %[[VARIABLE:.*]] = weir.kernel "copy_f32_2x3"(%{{.*}} = %[[READ]] :
// CHECK-DAG: %[[RELU:.*]] = weir.kernel "relu_f32_2x3"
// CHECK-DAG: %[[TWICE:.*]] = weir.kernel "copy_f32_2x3"(%{{.*}} = %[[RELU]] :
// CHECK-DAG: %[[SIX:.*]] = weir.view %[[RELU]]
// CHECK-DAG: %[[VIEW:.*]] = weir.kernel "copy_f32_6"(%{{.*}} = %[[SIX]] :
// CHECK-DAG: %[[FILL:.*]] = weir.kernel "fill_f32_3"
// CHECK: return %[[ARGUMENT]], %[[VARIABLE]], %[[RELU]], %[[TWICE]], %[[VIEW]], %[[FILL]]
func.func @returned(%x: tensor<2x3xf32>)
    -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<6xf32>, tensor<3xf32>) {
  %w = weir.read @w : tensor<2x3xf32>
  %0 = weir.relu %x : tensor<2x3xf32>
  %1 = weir.view %0 : tensor<2x3xf32> -> tensor<6xf32>
  %2 = weir.fill 7.0 : tensor<3xf32>
  return %x, %w, %0, %0, %1, %2 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<6xf32>, tensor<3xf32>
}

// -----

// The same holds for what is assigned. A value that is assigned and returned is copied once more, and an old value that
// is returned is copied before the new one is written over it.
weir.variable @a : tensor<3xf32> {init = {kind = "zeros"}, kind = "statistic"}
weir.variable @b : tensor<3xf32> {init = {kind = "zeros"}, kind = "statistic"}
// CHECK-LABEL: func.func @assigned
// CHECK: %[[OLD:.*]] = weir.read @a
// CHECK: %[[KEPT:.*]] = weir.kernel "copy_f32_3"(%{{.*}} = %[[OLD]] :
// CHECK: %[[NEW:.*]] = weir.kernel "add_f32_3"(%{{.*}} = %[[OLD]] :
// CHECK: %[[RETURNED:.*]] = weir.kernel "copy_f32_3"(%{{.*}} = %[[NEW]] :
// CHECK: %[[B:.*]] = weir.kernel "copy_f32_3"(%{{.*}} = %arg0 :
// CHECK: weir.assign @a, %[[NEW]]
// CHECK: weir.assign @b, %[[B]]
// CHECK: return %[[KEPT]], %[[RETURNED]]
func.func @assigned(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %old = weir.read @a : tensor<3xf32>
  %new = weir.add %old, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  weir.assign @a, %new : tensor<3xf32>
  weir.assign @b, %x : tensor<3xf32>
  return %old, %new : tensor<3xf32>, tensor<3xf32>
}

// -----

// Reads move to the front: one behind an assignment gets the assigned value, and of two assignments the last is left.
weir.variable @a : tensor<3xf32> {init = {kind = "zeros"}, kind = "statistic"}
// CHECK-LABEL: func.func @forwarded
// CHECK-NOT: weir.read
// CHECK: %[[RESULT:.*]]:2 = weir.kernel "relu_tanh_f32_3"
// CHECK-NOT: weir.assign @a, %{{.*}}#0
// CHECK: weir.assign @a, %{{.*}}
// CHECK-NOT: weir.assign
func.func @forwarded(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = weir.relu %x : tensor<3xf32>
  weir.assign @a, %0 : tensor<3xf32>
  %1 = weir.read @a : tensor<3xf32>
  %2 = weir.tanh %1 : tensor<3xf32>
  weir.assign @a, %2 : tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

// The sum wants both the old and the new weight, but the new one is written over the old one.
weir.variable @w : tensor<7x5xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @v : tensor<7x5xf32> {init = {kind = "zeros"}, kind = "optimizer"}
func.func @old_and_new(%g: tensor<7x5xf32>, %rate: tensor<f32>) -> tensor<7x5xf32> {
  %w = weir.read @w : tensor<7x5xf32>
  %v = weir.read @v : tensor<7x5xf32>
  // expected-error@+1 {{'form-groups' expects a variable's old value to be read before its new one is needed}}
  %new:2 = weir.sgd %w, %g, %rate, %v : (tensor<7x5xf32>, tensor<7x5xf32>, tensor<f32>, tensor<7x5xf32>) -> (tensor<7x5xf32>, tensor<7x5xf32>)
  %sum = weir.add %w, %new#0 : (tensor<7x5xf32>, tensor<7x5xf32>) -> tensor<7x5xf32>
  weir.assign @w, %new#0 : tensor<7x5xf32>
  return %sum : tensor<7x5xf32>
}

// -----

// A mask joins the loops of the gradient, and brings along the batch norm that it alone reads. Not one that is read elsewhere,
// nor one whose statistics the gradient is needed for.
// CHECK-LABEL: func.func @brings_along
// CHECK: weir.kernel "dense_input_grad_batch_norm_relu_grad_f32_6x4x8"
// CHECK-NEXT: weir.dense_input_grad
// CHECK-NEXT: %[[N:.*]] = weir.batch_norm
// CHECK-NEXT: weir.relu_grad %[[N]]
// CHECK-NOT: weir.kernel
func.func @brings_along(%x: tensor<6x8xf32>, %c: tensor<8xf32>, %dy: tensor<6x4xf32>, %w: tensor<8x4xf32>) -> tensor<6x8xf32> {
  %n = weir.batch_norm %x, %c, %c, %c, %c {training = true} : (tensor<6x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<6x8xf32>
  %dx = weir.dense_input_grad %dy, %w : (tensor<6x4xf32>, tensor<8x4xf32>) -> tensor<6x8xf32>
  %g = weir.relu_grad %n, %dx : tensor<6x8xf32>
  return %g : tensor<6x8xf32>
}
// CHECK-LABEL: func.func @read_elsewhere
// CHECK: weir.kernel "batch_norm_f32_6x8"
// CHECK: weir.kernel "dense_input_grad_relu_grad_f32_6x4x8"
func.func @read_elsewhere(%x: tensor<6x8xf32>, %c: tensor<8xf32>, %dy: tensor<6x4xf32>, %w: tensor<8x4xf32>) -> (tensor<6x8xf32>, tensor<6x8xf32>) {
  %n = weir.batch_norm %x, %c, %c, %c, %c {training = true} : (tensor<6x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<6x8xf32>
  %dx = weir.dense_input_grad %dy, %w : (tensor<6x4xf32>, tensor<8x4xf32>) -> tensor<6x8xf32>
  %g = weir.relu_grad %n, %dx : tensor<6x8xf32>
  return %g, %n : tensor<6x8xf32>, tensor<6x8xf32>
}
// CHECK-LABEL: func.func @circle
// CHECK: weir.kernel "dense_input_grad_f32_6x4x8"
// CHECK: weir.kernel "batch_stats_f32_8"
// CHECK: weir.kernel "batch_norm_relu_grad_f32_6x8"
func.func @circle(%x: tensor<6x8xf32>, %c: tensor<8xf32>, %dy: tensor<6x4xf32>, %w: tensor<8x4xf32>) -> tensor<6x8xf32> {
  %dx = weir.dense_input_grad %dy, %w : (tensor<6x4xf32>, tensor<8x4xf32>) -> tensor<6x8xf32>
  %mean, %variance = weir.batch_stats %dx : (tensor<6x8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  %n = weir.batch_norm %x, %c, %c, %mean, %variance {training = true} : (tensor<6x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<6x8xf32>
  %g = weir.relu_grad %n, %dx : tensor<6x8xf32>
  return %g : tensor<6x8xf32>
}

// -----

// A product takes along its columns' statistics and their running averages, whose results come behind those of its loops; what
// reads them at every row begins a kernel. Not of few rows.
// CHECK-LABEL: func.func @statistics
// CHECK: %[[K:.*]]:4 = weir.kernel "dense_relu_batch_stats_running_average_f32_
// CHECK-NEXT: %[[P:.*]] = weir.dense
// CHECK-NEXT: %[[Y:.*]] = weir.relu %[[P]]
// CHECK-NEXT: %[[M:[^,]*]], %[[V:.*]] = weir.batch_stats %[[Y]]
// CHECK-NEXT: %[[A:.*]] = weir.running_average %{{.*}}, %[[M]]
// CHECK-NEXT: weir.yield %[[Y]], %[[M]], %[[V]], %[[A]]
// CHECK: weir.kernel "batch_norm_f32_96x8"
func.func @statistics(%x: tensor<96x4xf32>, %w: tensor<4x8xf32>, %c: tensor<8xf32>, %old: tensor<8xf32>) -> (tensor<96x8xf32>, tensor<8xf32>) {
  %p = weir.dense %x, %w {units = 8 : i64} : (tensor<96x4xf32>, tensor<4x8xf32>) -> tensor<96x8xf32>
  %y = weir.relu %p : tensor<96x8xf32>
  %mean, %variance = weir.batch_stats %y : (tensor<96x8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  %average = weir.running_average %old, %mean {correction = 1.0, momentum = 1.0e-01} : tensor<8xf32>
  %n = weir.batch_norm %y, %c, %c, %mean, %variance {training = true} : (tensor<96x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<96x8xf32>
  return %n, %average : tensor<96x8xf32>, tensor<8xf32>
}
// CHECK-LABEL: func.func @statistics_of_few
// CHECK: weir.kernel "dense_f32_32x4x8"
// CHECK: weir.kernel "batch_stats_f32_8"
func.func @statistics_of_few(%x: tensor<32x4xf32>, %w: tensor<4x8xf32>) -> (tensor<32x8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %y = weir.dense %x, %w {units = 8 : i64} : (tensor<32x4xf32>, tensor<4x8xf32>) -> tensor<32x8xf32>
  %mean, %variance = weir.batch_stats %y : (tensor<32x8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  return %y, %mean, %variance : tensor<32x8xf32>, tensor<8xf32>, tensor<8xf32>
}
