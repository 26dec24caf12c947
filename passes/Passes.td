//===- Passes.td - what each pass turns into what -----------------------------------------------===//
//
// Descriptions carry IR before -> after; passes/Pipelines.cpp orders them with reasons.
//
//===-----------------------------------------------------------------------------------------------===//

#ifndef WEIR_PASSES_PASSES_TD
#define WEIR_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

def Simplify : Pass<"simplify", "::mlir::ModuleOp"> {
  let summary = "Folds what computes nothing: identities, repeated and dead ops";
  let description = [{
    Dropout without a counter and reshapes that change nothing disappear, `flatten` and `reshape`
    become `view`, equal ops are computed once, unused ones not at all. So do activations of activations, transposes that
    cancel or move nothing (elementwise ops come before a transpose, so that two can meet), the mean of one value and windows of
    one; a border of zeros becomes the convolution's own, a window that is the whole image `global_avg_pool2d`. Ops of constants
    (`fill`, variables that carry their value) are evaluated by the reference semantics, where the result takes no more bytes
    than they do and is exact in float32. Numbers do not change.

    ```mlir
    %1 = weir.flatten %0 : (tensor<1x28x28x1xf32>) -> tensor<1x784xf32>
    %2 = weir.dropout %1 {rate = 0.2} : (tensor<1x784xf32>) -> tensor<1x784xf32>
    // ->
    %2 = weir.view %0 : tensor<1x28x28x1xf32> -> tensor<1x784xf32>
    ```
  }];
}

def FoldBatchNorm : Pass<"fold-batch-norm", "::mlir::ModuleOp"> {
  let summary = "Puts an inference's `batch_norm` into the weights of the layer before it";
  let description = [{
    Where variables carry their values: the weights of `conv2d`, `depthwise_conv2d` or `dense` are multiplied by
    `scale / sqrt(variance + epsilon)`, and mean and offset go into the bias. Variables that nobody reads any more
    disappear. A `batch_norm` that stays gets a remark that says why.

    ```mlir
    %1 = weir.conv2d %x, %w {kernel = array<i64: 3>, filters = 64 : i64, use_bias = false} : …
    %y = weir.batch_norm %1, %scale, %offset, %mean, %variance : …
    // ->
    %v = weir.read @conv2d_1.weight_folded : …
    %b = weir.read @conv2d_1.bias_folded : …
    %y = weir.conv2d %x, %v, %b {kernel = array<i64: 3>, filters = 64 : i64, use_bias = true} : …
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def ExpandBatchNorm : Pass<"expand-batch-norm", "::mlir::ModuleOp"> {
  let summary = "Makes the statistics of a training `batch_norm` explicit";
  let description = [{
    Mean and variance of the batch become values, and the running averages are assigned.

    ```mlir
    %y = weir.batch_norm %x, %scale, %offset, %running_mean, %running_variance {training = true} : …
    // ->
    %mean, %variance = weir.batch_stats %x : …
    %new = weir.running_average %running_mean, %mean {momentum = 0.1, correction = 1.0} : …
    weir.assign @batch_norm_1.mean, %new : …
    %y = weir.batch_norm %x, %scale, %offset, %mean, %variance {training = true} : …
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def Differentiate : Pass<"differentiate", "::mlir::ModuleOp"> {
  let summary = "Replaces `minimize` with the backward pass and one optimizer update per parameter";
  let description = [{
    Reverse-mode: one walk from the loss back to the parameters, each op's rule from the gradient table
    (DifferentiableOpInterface). Optimizer state becomes variables named
    `<parameter>.<optimizer>.<state>`. An op without a rule on the way is an error that names it.

    ```mlir
    %y = weir.dense %x, %w {units = 1 : i64} : …
    weir.minimize %loss with "sgd" {} at %counter (%lr) : …
    // ->
    %dw = weir.dense_weight_grad %x, %dy : …
    %new:2 = weir.sgd %w, %dw, %lr, %velocity : …
    weir.assign @dense_1.weight, %new#0 : …
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def DropDeadTaps : Pass<"drop-dead-taps", "::mlir::ModuleOp"> {
  let summary = "Takes away what of a kernel never meets the image";
  let description = [{
    Rows and columns at the edges of a kernel that fall on the border at every position, of convolutions of small images and of
    their gradients with respect to the input. The weight becomes a slice of itself, the border what is left of it; of one position
    the stride becomes 1. Only zeros are no longer added: numbers do not change.

    ```mlir
    %y = weir.conv2d %x, %w {kernel = array<i64: 3>, padding = array<i64: 1>, …} : (tensor<1x1x1x64xf32>, tensor<3x3x64x256xf32>) -> …
    // ->
    %0 = weir.view %w : tensor<3x3x64x256xf32> -> tensor<1x3x3x64x256xf32>
    %1 = weir.slice %0 {axis = 0, begin = 1, end = 2} : …
    %2 = weir.slice %1 {axis = 1, begin = 1, end = 2} : …
    %3 = weir.view %2 : tensor<1x1x1x64x256xf32> -> tensor<1x1x64x256xf32>
    %y = weir.conv2d %x, %3 {kernel = array<i64: 1, 1>, padding = array<i64: 0, 0, 0, 0>, …} : …
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def Observe : Pass<"observe", "::mlir::ModuleOp"> {
  let summary = "Adds a function that returns what every layer computes, for calibration";
  let description = [{
    A copy of the inference function of the largest batch that is not too large, whose results are the layers', in the order
    of the ops. Not part of any program: the compiler runs it itself, to see what ranges the values have and how far
    the quantized ones are from the float ones.

    ```mlir
    func.func @infer_b1(%image: …) -> tensor<1x8xf32> {
      %1 = weir.dense %0, %w {units = 8 : i64} : …
      %2 = weir.relu %1 : tensor<1x8xf32>
      return %2 : tensor<1x8xf32>
    // -> besides
    func.func @observe(%image: …) -> (tensor<1x8xf32>, tensor<1x8xf32>) {
      …
      return %1, %2 : tensor<1x8xf32>, tensor<1x8xf32>
    ```
  }];
}

def EqualizeLayers : Pass<"equalize-layers", "::mlir::ModuleOp"> {
  let summary = "Brings channels to like sizes in the weights before and behind them";
  let description = [{
    Cross-layer equalisation (Nagel et al. 2019): where one product feeds one other through nothing but relu, leaky_relu, pools
    and views, each channel is divided by `sqrt(largest weight before / largest weight behind)` in the first and multiplied by it in the
    second, until nothing changes. What the net computes stays the same. A relu6 counts as a relu (and becomes one) where
    `weir.range` says that nothing above 6 reaches it; other pairs with relu6 are left alone, for their cut-off would move.
    Wants weights whose values are known and that one layer reads. Does nothing where ranges have been learned (`take-ranges`).

    ```mlir
    weir.variable @a : tensor<1x2xf32> {value = dense<[[8.0, 0.5]]> …}
    weir.variable @b : tensor<2x1xf32> {value = dense<[[0.5], [2.0]]> …}
    // ->
    weir.variable @a : tensor<1x2xf32> {value = dense<[[2.0, 1.0]]> …}
    weir.variable @b : tensor<2x1xf32> {value = dense<[[2.0], [1.0]]> …}
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def CorrectBias : Pass<"correct-bias", "::mlir::ModuleOp"> {
  let summary = "Takes off the biases what rounding the weights to 8 bits adds on average";
  let description = [{
    Bias correction (Nagel et al. 2019): `bias[j] -= sum_k (rounded weight[k, j] - weight[k, j]) * mean(x[k])`, with the means of
    the input's channels in `weir.channel_means`, which calibration leaves on the op that makes the value, or on the
    function's argument. Options as those of `quantize`. A product without a bias gets one.

    ```mlir
    %y = weir.dense %x, %w, %b {units = 2 : i64} : …
    // ->
    %c = weir.read @dense_1.bias_corrected : tensor<2xf32>
    %y = weir.dense %x, %w, %c {units = 2 : i64} : …
    ```
  }];
  let options = [
    ListOption<"keepFloat", "keep-float", "std::string", "paths of layers that stay in float">,
    Option<"perTensor", "per-tensor", "bool", "false", "one scale for each weight instead of one for each output">,
  ];
  let dependentDialects = ["::weir::WeirDialect"];
}

def FakeQuantize : Pass<"fake-quantize", "::mlir::ModuleOp"> {
  let summary = "Rounds weights and values as 8 bits would, so that training gets used to it";
  let description = [{
    Quantisation-aware training (Jacob et al. 2018): weights with a scale for each output, from their own largest values; values
    that `quantize` would give 8 bits, in training with the range of the batch, whose running averages (momentum 0.1) are
    variables `<layer>.range_low` and `.range_high` that inference reads. A batch_norm stays as it is: folded later it multiplies the
    weight's scales and changes no integer.

    ```mlir
    %y = weir.dense %x, %w {units = 8 : i64} : …
    // ->
    %low, %high = weir.value_range %w {per_channel = true} : …
    %v = weir.fake_quantize %w, %low, %high {symmetric = true} : …
    %from, %to = weir.value_range %x : …
    weir.assign @image.range_low, … // running averages
    %r = weir.fake_quantize %x, %from, %to : …
    %y = weir.dense %r, %v {units = 8 : i64} : …
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def TakeRanges : Pass<"take-ranges", "::mlir::ModuleOp"> {
  let summary = "Turns learned ranges into those that `quantize` reads";
  let description = [{
    Removes what `fake-quantize` put in, and leaves the values of its range variables as `weir.range` beside the values.
    What an activation cuts off and what a concat joins shares the range of the result. The module is marked `weir.learned_ranges`.

    ```mlir
    %r = weir.fake_quantize %x, %low, %high : …
    // -> the op that makes %x has
    {weir.range = array<f64: -1.0, 2.0>}
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def Quantize : Pass<"quantize", "::mlir::ModuleOp"> {
  let summary = "Turns a calibrated inference function into one of 8-bit integers";
  let description = [{
    Wants weights whose values are known and, beside each value, the range that calibration saw: `weir.range` on the op that
    makes it, or on the function's argument. Products (`conv2d`, `depthwise_conv2d`, `dense`) but those in `keep-float` are
    computed in integers, activations that only cut off become the bounds of the type behind them, pools, `add`, `concat` and
    what moves values follow where both sides have 8 bits. The rest stays in float between `dequantize` and `quantize`; what
    a function returns, and what only float ops read, comes straight from the sums.

    Weights are symmetric and have a scale for each output (`per-tensor`: one for all); values have u8 numbers that hold their
    range and 0. What meets in a `concat` has one scale where nobody else reads it. docs/quantization.md has the formulas.

    ```mlir
    %y = weir.dense %x, %w, %b {units = 2 : i64, weir.range = array<f64: -3.0, 2.0>} : …
    %z = weir.relu %y {weir.range = array<f64: 0.0, 2.0>} : tensor<1x2xf32>
    // ->
    %q = weir.quantize %x : tensor<1x3xf32> -> tensor<1x3x!quant.uniform<u8:f32, 0.5:10>>
    %s = weir.dense %q, %v, %c {units = 2 : i64} : … -> tensor<1x2x!quant.uniform<i32:f32:1, {0.125, 0.0625}>>
    %z = weir.requantize %s : … -> tensor<1x2x!quant.uniform<u8:f32, 0.0078125>>
    ```
  }];
  let options = [
    ListOption<"keepFloat", "keep-float", "std::string", "paths of layers that stay in float">,
    Option<"perTensor", "per-tensor", "bool", "false", "one scale for each weight instead of one for each output">,
  ];
  let dependentDialects = ["::weir::WeirDialect"];
}

def FuseStrips : Pass<"fuse-strips", "::mlir::ModuleOp"> {
  let summary = "Marks inverted residuals that one kernel computes strip by strip";
  let description = [{
    A chain of a 1x1 convolution (which may be missing), a depthwise one and a 1x1 one, with nothing but pointwise ops
    of channels between them and no other readers, becomes one group, where that moves fewer bytes than the rows that are
    computed again and the weights that are read again cost. `weir.strips` says how many strips an image has.

    ```mlir
    %1 = weir.conv2d %x, %w1 {kernel = array<i64: 1>, filters = 144 : i64, …} : …
    %2 = weir.depthwise_conv2d %1, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, …} : …
    %3 = weir.conv2d %2, %w3 {kernel = array<i64: 1>, filters = 24 : i64, …} : …
    // ->
    %1 = weir.conv2d %x, %w1 {kernel = array<i64: 1>, filters = 144 : i64, weir.strip_chain = 0 : i64, …} : …
    %2 = weir.depthwise_conv2d %1, %w2 {kernel = array<i64: 3>, padding = array<i64: 1>, weir.strip_chain = 0 : i64, weir.strips = 2 : i64, …} : …
    %3 = weir.conv2d %2, %w3 {kernel = array<i64: 1>, filters = 24 : i64, weir.strip_chain = 0 : i64, …} : …
    ```
  }];
  let options = [
    Option<"always", "always", "bool", "false", "whatever the model says">,
  ];
}

def FusePrologues : Pass<"fuse-prologues", "::mlir::ModuleOp"> {
  let summary = "Marks batch norm and rectifiers that are computed where an image is copied for its windows";
  let description = [{
    Kernels of depthwise convolutions and of their weights' gradients copy an image to give it a border. A chain of pointwise ops
    of one image and of channels that only they read becomes part of each of their groups, and its result is never written. Not
    where the loops before it take it in, as of a convolution whose batch norm needs no statistics of it. Numbers do not change.

    ```mlir
    %1 = weir.batch_norm %0, %scale, %offset, %mean, %variance {training = true} : …
    %2 = weir.relu6 %1 : tensor<8x28x28x192xf32>
    %3 = weir.depthwise_conv2d %2, %w {kernel = array<i64: 3>, padding = array<i64: 1>, …} : …
    // ->
    %1 = weir.batch_norm %0, %scale, %offset, %mean, %variance {training = true, weir.prologue} : …
    %2 = weir.relu6 %1 {weir.prologue} : tensor<8x28x28x192xf32>
    %3 = weir.depthwise_conv2d %2, %w {kernel = array<i64: 3>, padding = array<i64: 1>, …} : …
    ```
  }];
}

def LowerConvolutions : Pass<"lower-convolutions", "::mlir::ModuleOp"> {
  let summary = "Turns convolutions and their gradients into matrix products";
  let description = [{
    `conv2d` becomes `dense` on the windows of its output positions (`patches`; nothing for 1x1 kernels), its
    gradients those of `dense`. The input's gradient at stride 1 is a `dense` on windows of `dy` instead, with the weights
    turned around by `flip_weight`, where a model expects it to take less time than adding windows up (`fold_patches`). Depthwise convolutions stay.

    ```mlir
    %y = weir.conv2d %x, %w {kernel = array<i64: 3>, filters = 64 : i64, …} : (tensor<4x6x6x16xf32>, tensor<3x3x16x64xf32>) -> …
    // ->
    %0 = weir.patches %x {kernel = array<i64: 3>, …} : (tensor<4x6x6x16xf32>) -> tensor<4x6x6x3x3x16xf32>
    %1 = weir.view %0 : tensor<4x6x6x3x3x16xf32> -> tensor<144x144xf32>
    %2 = weir.view %w : tensor<3x3x16x64xf32> -> tensor<144x64xf32>
    %3 = weir.dense %1, %2 {units = 64 : i64} : …
    %y = weir.view %3 : tensor<144x64xf32> -> tensor<4x6x6x64xf32>
    ```
  }];
  let options = [Option<"alwaysWindows", "always-windows", "bool", "false",
                        "read windows of dy wherever there are any, whatever the model says">];
  let dependentDialects = ["::weir::WeirDialect"];
}

def PackWeights : Pass<"pack-weights", "::mlir::ModuleOp"> {
  let summary = "Lays 8-bit weights out as dot-product instructions take them";
  let description = [{
    Where weights carry their values: groups of 4 of the depth (2 without VNNI: the module's `weir.dot_terms`) side by side, units padded to
    whole vectors, and what the zero point of the other operand adds to each sum taken off the bias. A quantized `dense` that stays
    gets a remark that says why.

    ```mlir
    %y = weir.dense %x, %w, %b {units = 64 : i64} : (tensor<49x96x!q>, tensor<96x64x!w>, tensor<64x!s>) -> tensor<49x64x!s>
    // ->
    %v = weir.read @conv2d_1.weight_packed : tensor<24x64x4xi8>
    %c = weir.read @conv2d_1.weight_sums : tensor<64xi32>
    %y = weir.packed_dense %x, %v, %c : (tensor<49x96x!q>, tensor<24x64x4xi8>, tensor<64xi32>) -> tensor<49x64x!s>
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def SinkViews : Pass<"sink-views", "::mlir::ModuleOp"> {
  let summary = "Moves views of matrices as images, and slices, behind pointwise ops and updates";
  let description = [{
    So that nothing stands between a product and what can be computed in its loop nest. What is done to each part of a concat with
    the slices of its gradient is done to the wholes.

    ```mlir
    %1 = weir.view %0 : tensor<144x64xf32> -> tensor<4x6x6x64xf32>
    %2 = weir.relu %1 : tensor<4x6x6x64xf32>
    // ->
    %1 = weir.relu %0 : tensor<144x64xf32>
    %2 = weir.view %1 : tensor<144x64xf32> -> tensor<4x6x6x64xf32>
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def Recompute : Pass<"recompute", "::mlir::ModuleOp"> {
  let summary = "Computes cheap values again in the backward pass, so that they need not be kept";
  let description = [{
    A value is made again before its first reader in the backward pass, where everything that it is made of is there anyway: a
    variable, an argument, or a value that the backward pass reads, at most three such ops away. Never of values that
    are themselves made again, so no chains grow. That is done with results of 64 KB and more of batch norm, additions and
    relu, which makes steps faster; with `weir.recompute` in the module (--memory=small) with every pointwise op's and
    pool's of 4 KB. Each training function learns how many they are (`weir.recomputed`). Numbers do not change.

    A concat whose operands lie in it (Views.h) is not made again, nor is what lies in one that is kept; the gradient of a
    rectifier in front of it reads the rectifier's result instead of what that was made of.

    ```mlir
    %y = weir.relu6 %x : …                 // forward
    %dw = weir.conv2d_weight_grad %y, %dz : …
    %dx = weir.relu6_grad %x, %dy : …
    // ->
    %again = weir.relu6 %x {weir.recomputed} : …
    %dw = weir.conv2d_weight_grad %again, %dz : …
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def FormGroups : Pass<"form-groups", "::mlir::ModuleOp"> {
  let summary = "Gathers ops into `kernel` groups, each of which becomes one loop nest";
  let description = [{
    Elementwise ops join the op that makes their input, an optimizer update joins the weight gradient it
    consumes (the gradient is never written out), a loss and its gradient share a group. Groups stand in an order
    in which every reader of a weight precedes its update, so that updates can be in place. A `concat` and a `slice` stand outside
    like views where operands can be written to their places and slices be read where they lie (Views.h); kernels' names then
    tell the pitch of the rows: `dense_relu_f32_784x16x64_into128`.
    Windows (`patches`) stand in the kernel of the one product that reads them, with the view between, where bytes saved outweigh cycles
    lost: that kernel reads the image.

    ```mlir
    %1 = weir.dense %0, %w, %b {units = 80 : i64} : …
    %2 = weir.relu %1 : tensor<32x80xf32>
    // ->
    %2 = weir.kernel "dense_relu_f32_32x784x80"(%x = %0 : …, %v = %w : …, %c = %b : …) -> (tensor<32x80xf32>) { … }

    %1 = weir.patches %0 {kernel = array<i64: 3>, …} : (tensor<1x6x6x4xf32>) -> tensor<1x6x6x3x3x4xf32>
    %2 = weir.view %1 : tensor<1x6x6x3x3x4xf32> -> tensor<36x36xf32>
    %3 = weir.dense %2, %w {units = 8 : i64} : …
    // ->
    %3 = weir.kernel "patches_dense_f32_36x36x8"(%x = %0 : …, %v = %w : …) -> (tensor<36x8xf32>) { … }
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def PlanMemory : Pass<"plan-memory", "::mlir::ModuleOp"> {
  let summary = "Gives every kernel operand and result its place";
  let description = [{
    Variables get offsets in one block that outlives steps; values between kernels get offsets in one arena,
    reused when dead; a variable's new value is written over the old one; views are aliases, a concat's operands and slices parts of
    one buffer whose rows lie a pitch apart. Offsets are multiples of
    64 bytes, or of the module's `weir.alignment` (512 for what runs on GPUs). The module learns
    `weir.variables_bytes`, each function `weir.arena_bytes` and `weir.arena_bound` (the largest live set: no plan
    can need less).

    ```mlir
    weir.kernel "…"(…) -> (…) attributes {input_storage = [#weir.storage<argument, 0>, #weir.storage<variables, 0>],
                                          output_storage = [#weir.storage<arena, 0>]} { … }
    ```
  }];
  let dependentDialects = ["::weir::WeirDialect"];
}

def LowerToLlvm : Pass<"lower-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Turns the planned functions into host functions that call the kernels";
  let description = [{
    Each entry point becomes `int NAME(context, variables, arena, arguments)` and `NAME_timed(…, stamps)` in the LLVM
    dialect (see runtime/Program.h); buffers are described to the kernels as halide_buffer_t. Wants `symbol` on each
    kernel and the manifest in `weir.manifest`; the program's table is called `weir.program_symbol`, and refers to the
    one called `weir.next_symbol`, if there is one. Of a module with `weir.device` the blocks and arguments are addresses
    on a device, and time stamps wait for it.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // WEIR_PASSES_PASSES_TD
