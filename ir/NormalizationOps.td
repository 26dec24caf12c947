//===- NormalizationOps.td - batch_norm, its statistics and gradients ---------------------===//

#ifndef WEIR_IR_NORMALIZATION_OPS_TD
#define WEIR_IR_NORMALIZATION_OPS_TD

include "ir/Base.td"

def BatchNormOp : Weir_LayerOp<"batch_norm", [InferTypeOpAdaptor, Weir_LayerInterface, Weir_Pointwise]> {
  let summary = "Each channel brought to mean 0 and variance 1, then scaled and shifted";
  let description = [{
    `y[.., c] = (x[.., c] - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + offset[c]` (Ioffe and Szegedy 2015).

    While `training`, mean and variance are those of the batch (`batch_stats`), and the gradient goes through them;
    the running averages, `running = (1 - momentum) * running + momentum * batch`, are what inference uses. The running
    variance takes the unbiased one, n / (n - 1) times that of the batch (PyTorch's rule and PyTorch's momentum; Keras's
    momentum is 1 minus ours). `expand-batch-norm` makes statistics and averages explicit; until then mean and variance are the
    running ones, which `training` ignores.

    C1: `x` has rank 2 or more. C2: 0 <= momentum <= 1. C3: epsilon > 0. C4: the others are [channels]. C5: while training,
    each channel has at least two values.
  }];
  let arguments = (ins Weir_Tensor:$x, Weir_Parameter:$scale, Weir_Parameter:$offset, Weir_Parameter:$mean,
                       Weir_Parameter:$variance, DefaultValuedAttr<F64Attr, "0.1">:$momentum,
                       DefaultValuedAttr<F64Attr, "1e-5">:$epsilon, Weir_TrainingAttr:$training);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x `,` $scale `,` $offset `,` $mean `,` $variance attr-dict `:` functional-type(operands, results)";
}

def BatchStatsOp : Weir_PureOp<"batch_stats", [InferTypeOpAdaptor, Weir_TakesEpilogue]> {
  let summary = "Mean and variance of each channel";
  let description = [{
    `mean[c] = 1/n sum x[.., c]`, `variance[c] = 1/n sum (x[.., c] - mean[c])^2` over all n positions.
  }];
  let arguments = (ins Weir_F32:$x);
  let results = (outs Weir_F32:$mean, Weir_F32:$variance);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def RunningAverageOp : Weir_PureOp<"running_average", [AllTypesMatch<["old", "batch", "result"]>, Weir_Pointwise]> {
  let summary = "An exponential moving average, one step on";
  let description = "`y = (1 - momentum) * old + momentum * correction * batch`";
  let arguments = (ins Weir_F32:$old, Weir_F32:$batch, F64Attr:$momentum, F64Attr:$correction);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$old `,` $batch attr-dict `:` type($result)";
}

def BatchNormSumsOp : Weir_PureOp<"batch_norm_sums", [InferTypeOpAdaptor]> {
  let summary = "Gradients of batch_norm with respect to scale and offset";
  let description = [{
    `dscale[c] = sum dy[.., c] * (x[.., c] - mean[c]) / sqrt(variance[c] + epsilon)`, `doffset[c] = sum dy[.., c]`.
  }];
  let arguments = (ins Weir_F32:$dy, Weir_F32:$x, Weir_F32:$mean, Weir_F32:$variance, F64Attr:$epsilon);
  let results = (outs Weir_F32:$scale_grad, Weir_F32:$offset_grad);
  let assemblyFormat = "$dy `,` $x `,` $mean `,` $variance attr-dict `:` functional-type(operands, results)";
}

def BatchNormInputGradOp : Weir_PureOp<"batch_norm_input_grad", [AllTypesMatch<["dy", "x", "result"]>, Weir_Pointwise]> {
  let summary = "Gradient of batch_norm with respect to its input, through the batch's statistics";
  let description = [{
    `dx = scale / sqrt(variance + epsilon) * (dy - (doffset + xhat * dscale) / n)` with `xhat = (x - mean) / sqrt(variance +
    epsilon)`, per channel, n positions.

    C1: all others are [channels].
  }];
  let arguments = (ins Weir_F32:$dy, Weir_F32:$x, Weir_F32:$scale, Weir_F32:$mean, Weir_F32:$variance,
                       Weir_F32:$scale_grad, Weir_F32:$offset_grad, F64Attr:$epsilon);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // WEIR_IR_NORMALIZATION_OPS_TD
