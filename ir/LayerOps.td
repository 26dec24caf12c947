//===- LayerOps.td - dense, bias_add, dropout ---------------------------------------------===//

#ifndef WEIR_IR_LAYER_OPS_TD
#define WEIR_IR_LAYER_OPS_TD

include "ir/Base.td"

def DenseOp : Weir_LayerOp<"dense", [InferTypeOpAdaptor, Weir_LayerInterface, Weir_TakesEpilogue,
                                     Weir_TakesQuantized]> {
  let summary = "Fully connected layer: matrix product plus bias";
  let description = [{
    `y[.., j] = bias[j] + sum_k x[.., k] * weight[k, j]`

    `x`: [batch, features], `weight`: [features, units], `bias`: [units], result: [batch, units]. (In the IR `x` may
    have more dimensions before its last: a convolution of one pixel.)
    `init` is the weight's initialiser (`auto`: chosen by what follows the layer); the bias starts at zero.

    C1: `x` has rank 2 (in the language; 2 or more in the IR). C2: `units` is positive. C3: `weight` is [features, units]. C4: `bias` is [units].

    Of quantized operands: `y[.., j] = bias[j] + sum_k (x[.., k] - zero point) * weight[k, j]` in integers, 32-bit sums of scale
    `scale(x) * scale(weight)[j]`.

    C5: `x` and `weight` are both quantized or both not. C6: a weight's scales are one, or one for each unit (the last
    dimension). C7: the bias has the result's scales. C8: no sum can leave 32 bits.
  }];
  let arguments = (ins Weir_Value:$x, Weir_LayerWeight:$weight, Optional<Weir_LayerBias>:$bias,
                       I64Attr:$units, DefaultValuedAttr<BoolAttr, "true">:$use_bias,
                       DefaultValuedStrAttr<StrAttr, "auto">:$init);
  let results = (outs Weir_F32OrSum:$result);
  let assemblyFormat = "$x `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def BiasAddOp : Weir_LayerOp<"bias_add", [InferTypeOpAdaptor, Weir_LayerInterface, Weir_Pointwise, Weir_TakesQuantized]> {
  let summary = "Adds a trained number to each channel";
  let description = [{
    `y[.., c] = x[.., c] + bias[c]`; the bias starts at zero.

    C1: `x` has rank 2 or more. C2: `bias` is [channels]. C3: `x` and `bias` are both f32, or both 32-bit sums of the same scales.
  }];
  let arguments = (ins Weir_Operand<Weir_F32OrSum, "Tensor">:$x, Weir_LayerBias:$bias);
  let results = (outs Weir_F32OrSum:$result);
  let assemblyFormat = "$x `,` $bias attr-dict `:` functional-type(operands, results)";
}

def DropoutOp : Weir_LayerOp<"dropout", [InferTypeOpAdaptor, Weir_Pointwise]> {
  let summary = "Zeroes each value with probability `rate` while training";
  let description = [{
    `y[i] = keep(i) ? x[i] / (1 - rate) : 0` (Srivastava et al. 2014, scaled while training), where
    `keep(i) = threefry2x32_13(key, [i, step])[0] >= round(rate * 2^32)`, `i` is the element's row-major index and
    `key = [seed low, seed high ^ (stream * 0x9e3779b9)]`.

    Threefry-2x32 with 13 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011, the fewest
    rounds that pass BigCrush there) depends on nothing but seed, step, layer (`stream`) and element, so masks
    are the same for any number of threads and after a resume. Without a counter (inference) it is the identity.

    C1: 0 <= rate < 1. C2: `counter` is [3].
  }];
  let arguments = (ins Weir_Tensor:$x, Optional<Weir_Counter>:$counter,
                       DefaultValuedAttr<F64Attr, "0.5">:$rate,
                       Weir_StreamAttr:$stream);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x (`,` $counter^)? attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

#endif // WEIR_IR_LAYER_OPS_TD
