//===- PoolOps.td - pooling and its gradients ---------------------------------------------===//
//
// Windows as in ConvolutionOps.td. With `ceil_mode` a last window that begins inside the image or its top and left padding is
// kept although it ends outside (PyTorch's rule); what lies outside the image never counts as a value.
//
//===------------------------------------------------------------------------------------===//

#ifndef WEIR_IR_POOL_OPS_TD
#define WEIR_IR_POOL_OPS_TD

include "ir/Base.td"

def MaxPool2dOp : Weir_LayerOp<"max_pool2d", [InferTypeOpAdaptor, Weir_TakesQuantized]> {
  let summary = "Largest value of each window";
  let description = [{
    `y[b, i, j, c] = max_{m, n} x[b, i s - top + m, j s - left + n, c]`; `index` is `m * kernel width + n` of the first largest
    value in row-major order (what the gradient goes to). Without a `stride` it is the kernel.

    C1: `x` has rank 4. C2: sizes as for conv2d. C3: the kernel fits into the padded image. C4: padding is smaller than the
    kernel, so that each window holds a value.

    Of quantized values: the largest integer, of the same type.
  }];
  let arguments = (ins Weir_Value:$x, DenseI64ArrayAttr:$kernel, Weir_Sizes<"">:$stride, Weir_Padding:$padding,
                       DefaultValuedAttr<BoolAttr, "false">:$ceil_mode);
  let results = (outs Weir_F32OrQ8:$result, Weir_I32:$index);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def MaxPool2dGradOp : Weir_PureOp<"max_pool2d_grad", [Weir_TakesEpilogue]> {
  let summary = "Gradient of max_pool2d with respect to its input";
  let description = [{
    `dx[b, i s - top + m, j s - left + n, c] += dy[b, i, j, c]` where `index[b, i, j, c] = m * kernel width + n`.

    C1: shapes are those of max_pool2d with these windows on the result.
  }];
  let arguments = (ins Weir_F32:$dy, Weir_I32:$index, DenseI64ArrayAttr:$kernel, Weir_Sizes<"">:$stride, Weir_Padding:$padding,
                       DefaultValuedAttr<BoolAttr, "false">:$ceil_mode);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$dy `,` $index attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def AvgPool2dOp : Weir_LayerOp<"avg_pool2d", [InferTypeOpAdaptorWithIsCompatible, Weir_TakesQuantized]> {
  let summary = "Mean of each window";
  let description = [{
    The sum of the window's values within the image, divided by the number of its positions within the padded image
    (`count_include_pad`) or within the image. Without a `stride` it is the kernel.

    C1 to C4: as max_pool2d.

    Of quantized values: `round(sum (x - zero point) * f32(scale(x) / (count * scale(y))))` plus y's zero point, within y's bounds,
    in f32 with ties to even. C5: `x` and `y` are both quantized or both not; y's scale is free.
  }];
  let arguments = (ins Weir_Value:$x, DenseI64ArrayAttr:$kernel, Weir_Sizes<"">:$stride, Weir_Padding:$padding,
                       DefaultValuedAttr<BoolAttr, "false">:$ceil_mode,
                       DefaultValuedAttr<BoolAttr, "true">:$count_include_pad);
  let results = (outs Weir_F32OrQ8:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def AvgPool2dGradOp : Weir_PureOp<"avg_pool2d_grad", [Weir_TakesEpilogue]> {
  let summary = "Gradient of avg_pool2d with respect to its input";
  let description = [{
    `dx[b, i s - top + m, j s - left + n, c] += dy[b, i, j, c] / count(i, j)`.

    C1: shapes are those of avg_pool2d with these windows on the result.
  }];
  let arguments = (ins Weir_F32:$dy, DenseI64ArrayAttr:$kernel, Weir_Sizes<"">:$stride, Weir_Padding:$padding,
                       DefaultValuedAttr<BoolAttr, "false">:$ceil_mode,
                       DefaultValuedAttr<BoolAttr, "true">:$count_include_pad);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$dy attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def GlobalAvgPool2dOp : Weir_LayerOp<"global_avg_pool2d", [InferTypeOpAdaptorWithIsCompatible, Weir_TakesQuantized]> {
  let summary = "Mean of each channel over the whole image";
  let description = [{
    `y[b, c] = 1 / (H W) sum_{i, j} x[b, i, j, c]`, result [batch, channels].

    C1: `x` has rank 4. C2: as avg_pool2d's C5, with its formula.
  }];
  let arguments = (ins Weir_Value:$x);
  let results = (outs Weir_F32OrQ8:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

#endif // WEIR_IR_POOL_OPS_TD
