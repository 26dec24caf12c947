//===- ElementwiseOps.td - activations, arithmetic, softmax -------------------------------===//

#ifndef WEIR_IR_ELEMENTWISE_OPS_TD
#define WEIR_IR_ELEMENTWISE_OPS_TD

include "ir/Base.td"

class Weir_UnaryOp<string mnemonic, list<Trait> traits = [Weir_Pointwise]>
    : Weir_LayerOp<mnemonic, !listconcat([SameOperandsAndResultType], traits)> {
  let arguments = (ins Weir_Tensor:$x);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
}

def ReluOp : Weir_UnaryOp<"relu", [Weir_Pointwise, Weir_Rectifier]> {
  let summary = "Rectified linear unit";
  let description = "`y = max(x, 0)`";
}

def GeluOp : Weir_UnaryOp<"gelu", [Weir_Pointwise, Weir_Rectifier]> {
  let summary = "Gaussian error linear unit";
  let description = [{
    Hendrycks and Gimpel 2016. `approximation = "none"`: `y = x / 2 * (1 + erf(x / sqrt(2)))`;
    `"tanh"`: `y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))`.

    C1: `approximation` is "none" or "tanh".
  }];
  let arguments = (ins Weir_Tensor:$x, DefaultValuedStrAttr<StrAttr, "none">:$approximation);
  let hasVerifier = 1;
}

def TanhOp : Weir_UnaryOp<"tanh"> {
  let summary = "Hyperbolic tangent";
  let description = "`y = tanh(x)`";
}

def SigmoidOp : Weir_UnaryOp<"sigmoid"> {
  let summary = "Logistic function";
  let description = "`y = 1 / (1 + exp(-x))`";
}

def Relu6Op : Weir_UnaryOp<"relu6", [Weir_Pointwise, Weir_Rectifier]> {
  let summary = "Rectified linear unit that saturates at 6";
  let description = "`y = min(max(x, 0), 6)` (Howard et al. 2017)";
}

def LeakyReluOp : Weir_UnaryOp<"leaky_relu", [Weir_Pointwise, Weir_Rectifier]> {
  let summary = "Rectified linear unit that lets a little through below zero";
  let description = "`y = x > 0 ? x : slope * x` (Maas et al. 2013)";
  let arguments = (ins Weir_Tensor:$x, DefaultValuedAttr<F64Attr, "0.01">:$slope);
}

def EluOp : Weir_UnaryOp<"elu", [Weir_Pointwise, Weir_Rectifier]> {
  let summary = "Exponential linear unit";
  let description = "`y = x > 0 ? x : alpha * (exp(x) - 1)` (Clevert et al. 2016)";
  let arguments = (ins Weir_Tensor:$x, DefaultValuedAttr<F64Attr, "1.0">:$alpha);
}

def SwishOp : Weir_UnaryOp<"swish", [Weir_Pointwise, Weir_Rectifier]> {
  let summary = "Sigmoid-weighted linear unit (SiLU)";
  let description = "`y = x / (1 + exp(-x))` (Ramachandran et al. 2017)";
}

def HardSwishOp : Weir_UnaryOp<"hard_swish", [Weir_Pointwise, Weir_Rectifier]> {
  let summary = "Swish by straight lines";
  let description = "`y = x * min(max(x + 3, 0), 6) / 6` (Howard et al. 2019)";
}

def LogSoftmaxOp : Weir_UnaryOp<"log_softmax", []> {
  let summary = "Logarithms of the probabilities over the last dimension";
  let description = "`y[.., j] = x[.., j] - m - log sum_i exp(x[.., i] - m)` with `m = max_i x[.., i]`";
}

def SoftmaxOp : Weir_UnaryOp<"softmax", []> {
  let summary = "Probabilities over the last dimension";
  let description = "`y[.., j] = exp(x[.., j] - m) / sum_i exp(x[.., i] - m)` with `m = max_i x[.., i]`";
}

class Weir_BinaryOp<string mnemonic> : Weir_LayerOp<mnemonic, [InferTypeOpAdaptor, Weir_Pointwise]> {
  let arguments = (ins Weir_Tensor:$a, Weir_Tensor:$b);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
}

def AddOp : Weir_LayerOp<"add", [InferTypeOpAdaptorWithIsCompatible, Weir_Pointwise, Weir_TakesQuantized]> {
  let summary = "Sum, with broadcasting";
  let description = [{
    `y = a + b`. A dimension of size 1 is repeated to the other's size (as NumPy does, ranks equal).

    C1: `a` and `b` have the same rank. C2: sizes are equal or one of them is 1.

    Of quantized values: `round((a - za) * f32(sa / sy) + (b - zb) * f32(sb / sy))` plus y's zero point, within y's bounds, each step
    in f32, ties to even. C3: all three are quantized or none; y's scale is free.
  }];
  let arguments = (ins Weir_Value:$a, Weir_Value:$b);
  let results = (outs Weir_F32OrQ8:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
}

def SubOp : Weir_BinaryOp<"sub"> {
  let summary = "Difference, with broadcasting";
  let description = [{
    `y = a - b`. A dimension of size 1 is repeated to the other's size (as NumPy does, ranks equal).

    C1: `a` and `b` have the same rank. C2: sizes are equal or one of them is 1.
  }];
}

def MulOp : Weir_BinaryOp<"mul"> {
  let summary = "Product element by element, with broadcasting";
  let description = [{
    `y = a * b`. A dimension of size 1 is repeated to the other's size (as NumPy does, ranks equal).

    C1: `a` and `b` have the same rank. C2: sizes are equal or one of them is 1.
  }];
}

def DivOp : Weir_BinaryOp<"div"> {
  let summary = "Quotient element by element, with broadcasting";
  let description = [{
    `y = a / b`. A dimension of size 1 is repeated to the other's size (as NumPy does, ranks equal).

    C1: `a` and `b` have the same rank. C2: sizes are equal or one of them is 1.
  }];
}

#endif // WEIR_IR_ELEMENTWISE_OPS_TD
