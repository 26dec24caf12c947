//===- GradientOps.td - losses, and the ops that only gradients are made of ---------------===//

#ifndef WEIR_IR_GRADIENT_OPS_TD
#define WEIR_IR_GRADIENT_OPS_TD

include "ir/Base.td"

def CrossEntropyOp : Weir_PureOp<"cross_entropy", [InferTypeOpAdaptor, Weir_DifferentiableOp]> {
  let category = "loss";
  let summary = "Softmax cross-entropy of logits against class labels, and the number of right answers";
  let description = [{
    `loss = 1/B sum_b (log sum_j exp(x[b, j]) - sum_j t[b, j] x[b, j])` with the target
    `t[b, j] = (1 - s) * (j == label[b]) + s / classes`, where s is `label_smoothing` (Szegedy et al. 2016);
    `correct` counts the rows whose largest logit (the first of equals) stands at the label.

    C1: `logits` is [batch, classes]. C2: `labels` is [batch]. C3: 0 <= label_smoothing < 1.
  }];
  let arguments = (ins Weir_Tensor:$logits, Weir_Labels:$labels,
                       DefaultValuedAttr<F64Attr, "0.0">:$label_smoothing);
  let results = (outs Weir_F32:$loss, Weir_I32:$correct);
  let assemblyFormat = "$logits `,` $labels attr-dict `:` functional-type(operands, results)";
}

def CrossEntropyGradOp : Weir_PureOp<"cross_entropy_grad", [AllTypesMatch<["logits", "result"]>]> {
  let summary = "Gradient of cross_entropy with respect to the logits";
  let description = "`dx[b, j] = dloss / B * (softmax(x)[b, j] - t[b, j])` with the target t of cross_entropy";
  let arguments = (ins Weir_F32:$logits, Weir_I32:$labels, Weir_F32:$loss_grad,
                       DefaultValuedAttr<F64Attr, "0.0">:$label_smoothing);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$logits `,` $labels `,` $loss_grad attr-dict `:` functional-type(operands, results)";
}

def DenseInputGradOp : Weir_PureOp<"dense_input_grad", [InferTypeOpAdaptor, Weir_TakesEpilogue]> {
  let summary = "Gradient of dense with respect to its input";
  let description = "`dx[b, k] = sum_j dy[b, j] * weight[k, j]`";
  let arguments = (ins Weir_F32:$dy, Weir_F32:$weight);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$dy `,` $weight attr-dict `:` functional-type(operands, results)";
}

def DenseWeightGradOp : Weir_PureOp<"dense_weight_grad", [InferTypeOpAdaptor, Weir_TakesUpdate]> {
  let summary = "Gradient of dense with respect to its weight";
  let description = "`dw[k, j] = sum_b x[b, k] * dy[b, j]`";
  let arguments = (ins Weir_F32:$x, Weir_F32:$dy);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x `,` $dy attr-dict `:` functional-type(operands, results)";
}

def SumToOp : Weir_PureOp<"sum_to", [Weir_TakesUpdate]> {
  let summary = "Sums away what broadcasting repeated";
  let description = [{
    The result's shape, aligned at the last dimension, has 1 or nothing where the input is summed.
    The gradient of a broadcast, and of a bias.

    C1: the result's rank is at most the input's. C2: each size is the input's or 1.
  }];
  let arguments = (ins Weir_F32:$x);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($result)";
  let hasVerifier = 1;
}

class Weir_UnaryGradOp<string mnemonic, list<Trait> traits = [Weir_Pointwise]>
    : Weir_PureOp<mnemonic, !listconcat([SameOperandsAndResultType], traits)> {
  let results = (outs Weir_F32:$result);
  let arguments = (ins Weir_F32:$saved, Weir_F32:$dy);
  let assemblyFormat = "$saved `,` $dy attr-dict `:` type($result)";
}

def ReluGradOp : Weir_UnaryGradOp<"relu_grad"> {
  let summary = "Gradient of relu from its input";
  let description = "`dx = x > 0 ? dy : 0`";
}

def GeluGradOp : Weir_UnaryGradOp<"gelu_grad"> {
  let summary = "Gradient of gelu from its input";
  let description = [{
    `"none"`: `dx = dy * (Phi(x) + x phi(x))`, the normal distribution and its density;
    `"tanh"`: the derivative of the approximation, `t = tanh(sqrt(2/pi) (x + 0.044715 x^3))`:
    `dx = dy * ((1 + t) / 2 + x / 2 * (1 - t^2) * sqrt(2/pi) * (1 + 3 * 0.044715 x^2))`.
  }];
  let arguments = (ins Weir_F32:$saved, Weir_F32:$dy,
                       DefaultValuedStrAttr<StrAttr, "none">:$approximation);
}

def TanhGradOp : Weir_UnaryGradOp<"tanh_grad"> {
  let summary = "Gradient of tanh from its output";
  let description = "`dx = dy * (1 - y^2)`";
}

def SigmoidGradOp : Weir_UnaryGradOp<"sigmoid_grad"> {
  let summary = "Gradient of sigmoid from its output";
  let description = "`dx = dy * y * (1 - y)`";
}

def Relu6GradOp : Weir_UnaryGradOp<"relu6_grad"> {
  let summary = "Gradient of relu6 from its input";
  let description = "`dx = 0 < x < 6 ? dy : 0`";
}

def LeakyReluGradOp : Weir_UnaryGradOp<"leaky_relu_grad"> {
  let summary = "Gradient of leaky_relu from its input";
  let description = "`dx = x > 0 ? dy : slope * dy`";
  let arguments = (ins Weir_F32:$saved, Weir_F32:$dy, DefaultValuedAttr<F64Attr, "0.01">:$slope);
}

def EluGradOp : Weir_UnaryGradOp<"elu_grad"> {
  let summary = "Gradient of elu from its input";
  let description = "`dx = x > 0 ? dy : dy * alpha * exp(x)`";
  let arguments = (ins Weir_F32:$saved, Weir_F32:$dy, DefaultValuedAttr<F64Attr, "1.0">:$alpha);
}

def SwishGradOp : Weir_UnaryGradOp<"swish_grad"> {
  let summary = "Gradient of swish from its input";
  let description = "`dx = dy * (s + x * s * (1 - s))` with `s = sigmoid(x)`";
}

def HardSwishGradOp : Weir_UnaryGradOp<"hard_swish_grad"> {
  let summary = "Gradient of hard_swish from its input";
  let description = "`dx = x <= -3 ? 0 : x >= 3 ? dy : dy * (2 x + 3) / 6`";
}

def LogSoftmaxGradOp : Weir_UnaryGradOp<"log_softmax_grad", []> {
  let summary = "Gradient of log_softmax from its output";
  let description = "`dx[.., j] = dy[.., j] - exp(y[.., j]) * sum_i dy[.., i]`";
}

def ScaleOp : Weir_PureOp<"scale", [SameOperandsAndResultType, Weir_Pointwise]> {
  let summary = "Product with a constant";
  let description = "`y = factor * x`";
  let arguments = (ins Weir_F32:$x, F64Attr:$factor);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
}

def BroadcastToOp : Weir_PureOp<"broadcast_to", [Weir_Pointwise]> {
  let summary = "Repeats what sum_to summed away: its gradient, and that of a mean";
  let description = [{
    `y` has the result's shape; a dimension of size 1 is repeated.

    C1: ranks are equal. C2: each size of `x` is the result's or 1.
  }];
  let arguments = (ins Weir_F32:$x);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($result)";
  let hasVerifier = 1;
}

//===------------------------------------------------------------------------------------===//
// Gradient clipping: between all gradients and the updates
//===------------------------------------------------------------------------------------===//

def SumOfSquaresOp : Weir_PureOp<"sum_of_squares", [InferTypeOpAdaptor]> {
  let summary = "The squared Euclidean norm of a tensor";
  let description = "`y = sum_i x[i]^2`, a scalar";
  let arguments = (ins Weir_F32:$x);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def ClipFactorOp : Weir_PureOp<"clip_factor", [SameOperandsAndResultType, Weir_Pointwise]> {
  let summary = "What gradients are multiplied by so that their common norm stays within a limit";
  let description = [{
    `y = min(1, limit / (sqrt(x) + 1e-6))` with `x` the sum of all gradients' squares (Pascanu et al. 2013).

    C1: limit > 0.
  }];
  let arguments = (ins Weir_F32:$x, F64Attr:$limit);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def ScaleByOp : Weir_PureOp<"scale_by", [AllTypesMatch<["x", "result"]>, Weir_Pointwise]> {
  let summary = "Product of a tensor with a scalar";
  let description = [{
    `y[i] = factor * x[i]`

    C1: `factor` is a scalar.
  }];
  let arguments = (ins Weir_F32:$x, Weir_F32:$factor);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x `,` $factor attr-dict `:` type($x) `,` type($factor)";
  let hasVerifier = 1;
}

def ClampOp : Weir_PureOp<"clamp", [SameOperandsAndResultType, Weir_Pointwise]> {
  let summary = "Each value cut off at +-limit";
  let description = [{
    `y = min(max(x, -limit), limit)`

    C1: limit > 0.
  }];
  let arguments = (ins Weir_F32:$x, F64Attr:$limit);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def SoftmaxGradOp : Weir_UnaryGradOp<"softmax_grad", []> {
  let summary = "Gradient of softmax from its output";
  let description = "`dx[.., j] = y[.., j] * (dy[.., j] - sum_i dy[.., i] y[.., i])`";
}

#endif // WEIR_IR_GRADIENT_OPS_TD
