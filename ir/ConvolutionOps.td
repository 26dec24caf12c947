//===- ConvolutionOps.td - conv2d, depthwise_conv2d, their gradients, patches -------------===//
//
// Windows (kernel, stride, padding, dilation) are resolved by ir/Window.h, against the shape of the forward op's
// input. Images are [batch, height, width, channels]; products outside the image are zero.
//
//===------------------------------------------------------------------------------------===//

#ifndef WEIR_IR_CONVOLUTION_OPS_TD
#define WEIR_IR_CONVOLUTION_OPS_TD

include "ir/Base.td"

def Conv2dOp : Weir_LayerOp<"conv2d", [InferTypeOpAdaptor, Weir_LayerInterface, Weir_TakesEpilogue,
                                       Weir_TakesQuantized]> {
  let summary = "Two-dimensional convolution";
  let description = [{
    `y[b, i, j, o] = bias[o] + sum_{m, n, c} x[b, i s - top + m d, j s - left + n d, g C + c] * weight[m, n, c, o]` with stride s,
    dilation d, C = channels / groups and o in group g (no kernel flip, as everywhere in the field).

    `weight`: [kernel height, kernel width, channels / groups, filters], `bias`: [filters].

    C1: `x` has rank 4. C2: `kernel`, `stride` and `dilation` are one or two positive sizes, `padding` one, two or four sizes of 0 or
    more, or "same". C3: the kernel, dilated, fits into the padded image. C4: `filters` and `groups` are positive and `groups`
    divides `filters` and the channels. C5: `weight` and `bias` have the shapes above. C6: as dense's C5 to C8.
  }];
  let arguments = (ins Weir_Value:$x, Weir_LayerWeight:$weight, Optional<Weir_LayerBias>:$bias,
                       I64Attr:$filters, DenseI64ArrayAttr:$kernel, Weir_Sizes<"1">:$stride, Weir_Padding:$padding,
                       Weir_Sizes<"1">:$dilation, DefaultValuedAttr<I64Attr, "1">:$groups,
                       DefaultValuedAttr<BoolAttr, "true">:$use_bias, DefaultValuedStrAttr<StrAttr, "auto">:$init);
  let results = (outs Weir_F32OrSum:$result);
  let assemblyFormat = "$x `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def DepthwiseConv2dOp : Weir_LayerOp<"depthwise_conv2d", [InferTypeOpAdaptor, Weir_LayerInterface, Weir_TakesEpilogue,
                                                          Weir_TakesQuantized]> {
  let summary = "Convolution of each channel with kernels of its own";
  let description = [{
    `y[b, i, j, c M + q] = bias[c M + q] + sum_{m, n} x[b, i s - top + m d, j s - left + n d, c] * weight[m, n, c M + q]`
    with `multiplier` M.

    `weight`: [kernel height, kernel width, channels * multiplier], `bias`: [channels * multiplier].

    C1 to C3: as conv2d. C4: `multiplier` is positive. C5: `weight` and `bias` have the shapes above. C6: as dense's C5 to C8.
  }];
  let arguments = (ins Weir_Value:$x, Weir_LayerWeight:$weight, Optional<Weir_LayerBias>:$bias,
                       DenseI64ArrayAttr:$kernel, Weir_Sizes<"1">:$stride, Weir_Padding:$padding, Weir_Sizes<"1">:$dilation,
                       DefaultValuedAttr<I64Attr, "1">:$multiplier, DefaultValuedAttr<BoolAttr, "true">:$use_bias,
                       DefaultValuedStrAttr<StrAttr, "auto">:$init);
  let results = (outs Weir_F32OrSum:$result);
  let assemblyFormat = "$x `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

//===------------------------------------------------------------------------------------===//
// Gradients. Their results' types are those of the input and the weight.
//===------------------------------------------------------------------------------------===//

class Weir_WindowGradOp<string mnemonic, list<Trait> traits = []> : Weir_PureOp<mnemonic, traits> {
  let results = (outs Weir_F32:$result);
  let hasVerifier = 1;
}

def Conv2dInputGradOp : Weir_WindowGradOp<"conv2d_input_grad", [Weir_TakesEpilogue]> {
  let summary = "Gradient of conv2d with respect to its input";
  let description = "`dx[b, i s - top + m d, j s - left + n d, g C + c] += dy[b, i, j, o] * weight[m, n, c, o]` over all i, j, m, n, o";
  let arguments = (ins Weir_F32:$dy, Weir_F32:$weight, Weir_Sizes<"1">:$stride, Weir_Padding:$padding,
                       Weir_Sizes<"1">:$dilation, DefaultValuedAttr<I64Attr, "1">:$groups);
  let assemblyFormat = "$dy `,` $weight attr-dict `:` functional-type(operands, results)";
}

def Conv2dWeightGradOp : Weir_WindowGradOp<"conv2d_weight_grad", [Weir_TakesUpdate]> {
  let summary = "Gradient of conv2d with respect to its weight";
  let description = "`dw[m, n, c, o] = sum_{b, i, j} x[b, i s - top + m d, j s - left + n d, g C + c] * dy[b, i, j, o]`";
  let arguments = (ins Weir_F32:$x, Weir_F32:$dy, Weir_Sizes<"1">:$stride, Weir_Padding:$padding,
                       Weir_Sizes<"1">:$dilation, DefaultValuedAttr<I64Attr, "1">:$groups);
  let assemblyFormat = "$x `,` $dy attr-dict `:` functional-type(operands, results)";
}

def DepthwiseInputGradOp : Weir_WindowGradOp<"depthwise_input_grad", [Weir_TakesEpilogue]> {
  let summary = "Gradient of depthwise_conv2d with respect to its input";
  let description = "`dx[b, i s - top + m d, j s - left + n d, c] += dy[b, i, j, c M + q] * weight[m, n, c M + q]` over all i, j, m, n, q";
  let arguments = (ins Weir_F32:$dy, Weir_F32:$weight, Weir_Sizes<"1">:$stride, Weir_Padding:$padding,
                       Weir_Sizes<"1">:$dilation);
  let assemblyFormat = "$dy `,` $weight attr-dict `:` functional-type(operands, results)";
}

def DepthwiseWeightGradOp : Weir_WindowGradOp<"depthwise_weight_grad", [Weir_TakesUpdate]> {
  let summary = "Gradient of depthwise_conv2d with respect to its weight";
  let description = "`dw[m, n, c M + q] = sum_{b, i, j} x[b, i s - top + m d, j s - left + n d, c] * dy[b, i, j, c M + q]`";
  let arguments = (ins Weir_F32:$x, Weir_F32:$dy, Weir_Sizes<"1">:$stride, Weir_Padding:$padding,
                       Weir_Sizes<"1">:$dilation);
  let assemblyFormat = "$x `,` $dy attr-dict `:` functional-type(operands, results)";
}

//===------------------------------------------------------------------------------------===//
// What lower-convolutions makes matrix products of
//===------------------------------------------------------------------------------------===//

def PatchesOp : Weir_PureOp<"patches", [InferTypeOpAdaptor, Weir_TakesQuantized]> {
  let summary = "The window of each output position, one behind the other (im2col)";
  let description = [{
    `y[b, i, j, m, n, c] = x[b, i s - top + m d, j s - left + n d, c]`, zero (of quantized values: the zero point)
    outside of the image; result [batch, output height, output width, kernel height, kernel width, channels].
  }];
  let arguments = (ins Weir_F32OrQ8:$x, DenseI64ArrayAttr:$kernel, Weir_Sizes<"1">:$stride, Weir_Padding:$padding,
                       Weir_Sizes<"1">:$dilation);
  let results = (outs Weir_F32OrQ8:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def FoldPatchesOp : Weir_WindowGradOp<"fold_patches", [Weir_TakesEpilogue]> {
  let summary = "Adds windows up where they overlap (col2im): the transpose of patches";
  let description = "`dx[b, i s - top + m d, j s - left + n d, c] += dy[b, i, j, m, n, c]`, what falls outside of the image is dropped";
  let arguments = (ins Weir_F32:$dy, Weir_Sizes<"1">:$stride, Weir_Padding:$padding, Weir_Sizes<"1">:$dilation);
  let assemblyFormat = "$dy attr-dict `:` type($dy) `->` type($result)";
}

def FlipWeightOp : Weir_PureOp<"flip_weight", [InferTypeOpAdaptor]> {
  let summary = "The kernel that takes a convolution's gradient back: taps from the last to the first, channels for filters";
  let description = [{
    `y[m, n, o, c] = weight[M - 1 - m, N - 1 - n, c, o]`, M x N the kernel. At stride 1 the gradient of the input is a convolution of
    `dy` with it, with a border that is as wide as the taps reach and no narrower than the forward one's.

    C1: `weight` has rank 4.
  }];
  let arguments = (ins Weir_F32:$weight);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$weight attr-dict `:` functional-type(operands, results)";
}

#endif // WEIR_IR_CONVOLUTION_OPS_TD
