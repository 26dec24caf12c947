//===- OptimizerOps.td - one weight's update as one op -------------------------------------===//
//
// Operands: weight, gradient, learning rate, counter (where the step matters), state; results: the
// new weight, then the new state in operand order. `weight_decay` is coupled (`g += weight_decay * w` comes first),
// except in adamw. `t = counter[2] + 1` is the number of this step.
// Formulas and defaults are PyTorch's, except where said. For all of them, C0: gradient and state have the weight's
// type, the learning rate and states of one number are scalars, the counter is [3], and weight_decay >= 0.
//
//===------------------------------------------------------------------------------------===//

#ifndef WEIR_IR_OPTIMIZER_OPS_TD
#define WEIR_IR_OPTIMIZER_OPS_TD

include "ir/Base.td"

/// The weight whose update this is, and its gradient.
def Weir_Weight : Weir_Operand<Weir_F32, "Weight">;
def Weir_Gradient : Weir_Operand<Weir_F32, "Gradient">;

class Weir_OptimizerOp<string mnemonic> : Weir_PureOp<mnemonic, [InferTypeOpAdaptor]> {
  let category = "optimizer";
  let results = (outs Variadic<Weir_F32>:$updated);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def SgdOp : Weir_OptimizerOp<"sgd"> {
  let summary = "Stochastic gradient descent with momentum";
  let description = [{
    `v = momentum * v + g`; `w -= lr * (nesterov ? g + momentum * v : v)` (Sutskever et al. 2013).

    C1: 0 <= momentum < 1. C2: nesterov wants a momentum above 0.
  }];
  let arguments = (ins Weir_Weight:$weight, Weir_Gradient:$gradient, Weir_Runtime<"0.01">:$learning_rate,
                       Weir_State<"0.0">:$velocity,
                       DefaultValuedAttr<F64Attr, "0.0">:$momentum,
                       DefaultValuedAttr<BoolAttr, "false">:$nesterov,
                       DefaultValuedAttr<F64Attr, "0.0">:$weight_decay);
}

def AdagradOp : Weir_OptimizerOp<"adagrad"> {
  let summary = "Adagrad";
  let description = [{
    `s += g^2`; `w -= lr * g / (sqrt(s) + epsilon)` (Duchi et al. 2011).

    C1: epsilon > 0.
  }];
  let arguments = (ins Weir_Weight:$weight, Weir_Gradient:$gradient, Weir_Runtime<"0.01">:$learning_rate,
                       Weir_State<"0.0">:$square_sum,
                       DefaultValuedAttr<F64Attr, "1e-10">:$epsilon,
                       DefaultValuedAttr<F64Attr, "0.0">:$weight_decay);
}

def RmspropOp : Weir_OptimizerOp<"rmsprop"> {
  let summary = "RMSprop";
  let description = [{
    `s = rho * s + (1 - rho) * g^2`; `w -= lr * g / (sqrt(s) + epsilon)` (Hinton 2012).

    C1: 0 <= rho < 1. C2: epsilon > 0.
  }];
  let arguments = (ins Weir_Weight:$weight, Weir_Gradient:$gradient, Weir_Runtime<"0.01">:$learning_rate,
                       Weir_State<"0.0">:$square_average,
                       DefaultValuedAttr<F64Attr, "0.99">:$rho,
                       DefaultValuedAttr<F64Attr, "1e-8">:$epsilon,
                       DefaultValuedAttr<F64Attr, "0.0">:$weight_decay);
}

def AdadeltaOp : Weir_OptimizerOp<"adadelta"> {
  let summary = "Adadelta";
  let description = [{
    `s = rho * s + (1 - rho) * g^2`; `u = g * sqrt(d + epsilon) / sqrt(s + epsilon)`;
    `d = rho * d + (1 - rho) * u^2`; `w -= lr * u` (Zeiler 2012). The learning rate is 1, as in the paper.

    C1: 0 <= rho < 1. C2: epsilon > 0.
  }];
  let arguments = (ins Weir_Weight:$weight, Weir_Gradient:$gradient, Weir_Runtime<"1.0">:$learning_rate,
                       Weir_State<"0.0">:$square_average, Weir_State<"0.0">:$delta_average,
                       DefaultValuedAttr<F64Attr, "0.9">:$rho,
                       DefaultValuedAttr<F64Attr, "1e-6">:$epsilon,
                       DefaultValuedAttr<F64Attr, "0.0">:$weight_decay);
}

def AdamOp : Weir_OptimizerOp<"adam"> {
  let summary = "Adam";
  let description = [{
    `m = beta1 * m + (1 - beta1) * g`; `v = beta2 * v + (1 - beta2) * g^2`;
    `w -= lr * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)` (Kingma and Ba 2015).

    C1: 0 <= beta1, beta2 < 1. C2: epsilon > 0.
  }];
  let arguments = (ins Weir_Weight:$weight, Weir_Gradient:$gradient, Weir_Runtime<"0.001">:$learning_rate,
                       Weir_Counter:$counter, Weir_State<"0.0">:$m, Weir_State<"0.0">:$v,
                       DefaultValuedAttr<F64Attr, "0.9">:$beta1,
                       DefaultValuedAttr<F64Attr, "0.999">:$beta2,
                       DefaultValuedAttr<F64Attr, "1e-8">:$epsilon,
                       DefaultValuedAttr<F64Attr, "0.0">:$weight_decay);
}

def AdamwOp : Weir_OptimizerOp<"adamw"> {
  let summary = "Adam with decoupled weight decay";
  let description = [{
    `w -= lr * weight_decay * w`, then as adam (Loshchilov and Hutter 2019).

    C1: 0 <= beta1, beta2 < 1. C2: epsilon > 0.
  }];
  let arguments = (ins Weir_Weight:$weight, Weir_Gradient:$gradient, Weir_Runtime<"0.001">:$learning_rate,
                       Weir_Counter:$counter, Weir_State<"0.0">:$m, Weir_State<"0.0">:$v,
                       DefaultValuedAttr<F64Attr, "0.9">:$beta1,
                       DefaultValuedAttr<F64Attr, "0.999">:$beta2,
                       DefaultValuedAttr<F64Attr, "1e-8">:$epsilon,
                       DefaultValuedAttr<F64Attr, "0.01">:$weight_decay);
}

def NadamOp : Weir_OptimizerOp<"nadam"> {
  let summary = "Adam with Nesterov momentum";
  let description = [{
    With `mu(t) = beta1 * (1 - 0.96^(t * momentum_decay) / 2)` and `p` the product of all `mu` up to `t`:
    `m` and `v` as in adam; `w -= lr * (mu(t+1) * m / (1 - p * mu(t+1)) + (1 - mu(t)) * g / (1 - p)) /
    (sqrt(v / (1 - beta2^t)) + epsilon)` (Dozat 2016). PyTorch's momentum_decay is 0.004; Keras's formula is that of 1.
    The default learning rate is Keras's 0.001.

    C1: 0 <= beta1, beta2 < 1. C2: epsilon > 0. C3: momentum_decay >= 0.
  }];
  let arguments = (ins Weir_Weight:$weight, Weir_Gradient:$gradient, Weir_Runtime<"0.001">:$learning_rate,
                       Weir_Counter:$counter, Weir_State<"0.0">:$m, Weir_State<"0.0">:$v,
                       Weir_ScalarState<"1.0">:$momentum_product,
                       DefaultValuedAttr<F64Attr, "0.9">:$beta1,
                       DefaultValuedAttr<F64Attr, "0.999">:$beta2,
                       DefaultValuedAttr<F64Attr, "1e-8">:$epsilon,
                       DefaultValuedAttr<F64Attr, "0.004">:$momentum_decay,
                       DefaultValuedAttr<F64Attr, "0.0">:$weight_decay);
}

#endif // WEIR_IR_OPTIMIZER_OPS_TD
