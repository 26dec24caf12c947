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

def ReluOp : Weir_UnaryOp<"relu"> {
  let summary = "Rectified linear unit";
  let description = "`y = max(x, 0)`";
}

def GeluOp : Weir_UnaryOp<"gelu"> {
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

def SoftmaxOp : Weir_UnaryOp<"softmax", []> {
  let summary = "Probabilities over the last dimension";
  let description = "`y[.., j] = exp(x[.., j] - m) / sum_i exp(x[.., i] - m)` with `m = max_i x[.., i]`";
}

class Weir_BinaryOp<string mnemonic> : Weir_LayerOp<mnemonic, [InferTypeOpAdaptor, Weir_Pointwise]> {
  let arguments = (ins Weir_Tensor:$a, Weir_Tensor:$b);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
}

def AddOp : Weir_BinaryOp<"add"> {
  let summary = "Sum, with broadcasting";
  let description = [{
    `y = a + b`. A dimension of size 1 is repeated to the other's size (as NumPy does, ranks equal).

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

#endif // WEIR_IR_ELEMENTWISE_OPS_TD
