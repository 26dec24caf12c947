//===- GradientOps.td - losses, and the ops that only gradients are made of ---------------===//

#ifndef WEIR_IR_GRADIENT_OPS_TD
#define WEIR_IR_GRADIENT_OPS_TD

include "ir/Base.td"

def CrossEntropyOp : Weir_PureOp<"cross_entropy", [InferTypeOpAdaptor, Weir_DifferentiableOp]> {
  let category = "loss";
  let summary = "Softmax cross-entropy of logits against class labels, and the number of right answers";
  let description = [{
    `loss = 1/B sum_b (log sum_j exp(x[b, j]) - x[b, label[b]])`;
    `correct` counts the rows whose largest logit (the first of equals) stands at the label.

    C1: `logits` is [batch, classes]. C2: `labels` is [batch].
  }];
  let arguments = (ins Weir_Tensor:$logits, Weir_Labels:$labels);
  let results = (outs Weir_F32:$loss, Weir_I32:$correct);
  let assemblyFormat = "$logits `,` $labels attr-dict `:` functional-type(operands, results)";
}

def CrossEntropyGradOp : Weir_PureOp<"cross_entropy_grad", [AllTypesMatch<["logits", "result"]>]> {
  let summary = "Gradient of cross_entropy with respect to the logits";
  let description = "`dx[b, j] = dloss / B * (softmax(x)[b, j] - (j == label[b]))`";
  let arguments = (ins Weir_F32:$logits, Weir_I32:$labels, Weir_F32:$loss_grad);
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

def SoftmaxGradOp : Weir_UnaryGradOp<"softmax_grad", []> {
  let summary = "Gradient of softmax from its output";
  let description = "`dx[.., j] = y[.., j] * (dy[.., j] - sum_i dy[.., i] y[.., i])`";
}

#endif // WEIR_IR_GRADIENT_OPS_TD
