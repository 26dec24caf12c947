//===- QuantizationOps.td - from f32 to 8 bits, from sums to 8 bits, and back --------------===//
//
// What stands between ops on quantized tensors. All arithmetic is in f32, each step rounded, nothing contracted, so that
// kernels can agree with `evaluate` bit for bit: integers become f32, factors are worked out in f64 from the types' scales
// and rounded to f32 once, `round` takes ties to even.
//
//===------------------------------------------------------------------------------------===//

#ifndef WEIR_IR_QUANTIZATION_OPS_TD
#define WEIR_IR_QUANTIZATION_OPS_TD

include "ir/Base.td"

class Weir_QuantizationOp<string mnemonic, list<Trait> traits = []>
    : Weir_PureOp<mnemonic, !listconcat([Weir_Pointwise, Weir_TakesQuantized], traits)>;

def QuantizeOp : Weir_QuantizationOp<"quantize"> {
  let summary = "Real numbers as 8-bit integers";
  let description = [{
    `y = clamp(round(x / scale) + zero point, low, high)` with the numbers of the result's type (ONNX's QuantizeLinear, with bounds
    that may be narrower than 8 bits). What is not a number becomes some integer within the bounds.

    C1: the shape stays the same.
  }];
  let arguments = (ins Weir_F32:$x);
  let results = (outs Weir_QTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($result)";
  let hasVerifier = 1;
}

def RequantizeOp : Weir_QuantizationOp<"requantize"> {
  let summary = "Integers of one scale as 8-bit integers of another";
  let description = [{
    `y = clamp(round(f32(x - zx) * f32(sx / sy)) + zy, low, high)`: sums of products become values again. An activation behind the
    sum is the clamping: relu's result has nothing below its zero point.

    C1: the shape stays the same. C2: scales along a dimension are along the last one.
  }];
  let arguments = (ins StaticShapeTensorOf<[Weir_Q8, Weir_QSum]>:$x);
  let results = (outs Weir_QTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def DequantizeOp : Weir_QuantizationOp<"dequantize", [InferTypeOpAdaptor]> {
  let summary = "The real numbers that integers stand for";
  let description = [{
    `y = f32(x - zero point) * f32(scale)`

    C1: scales along a dimension are along the last one.
  }];
  let arguments = (ins StaticShapeTensorOf<[Weir_Q8, Weir_QSum]>:$x);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

//===------------------------------------------------------------------------------------===//
// Training with the errors of quantization
//===------------------------------------------------------------------------------------===//

def ValueRangeOp : Weir_PureOp<"value_range", [InferTypeOpAdaptor, Weir_TakesEpilogue]> {
  let summary = "The smallest and the largest value";
  let description = [{
    Of all values (scalars), or of each channel over all positions (`per_channel`: [channels]).

    C1: `x` has values; of channels: rank 1 or more.
  }];
  let arguments = (ins Weir_F32:$x, DefaultValuedAttr<BoolAttr, "false">:$per_channel);
  let results = (outs Weir_F32:$low, Weir_F32:$high);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

class Weir_FakeQuantizeOp<string mnemonic, list<Trait> traits = []>
    : Weir_PureOp<mnemonic, !listconcat([Weir_Pointwise], traits)> {
  let results = (outs Weir_F32:$result);
  let hasVerifier = 1;
}

def FakeQuantizeOp : Weir_FakeQuantizeOp<"fake_quantize", [Weir_DifferentiableOp, AllTypesMatch<["x", "result"]>]> {
  let summary = "Real numbers as rounded as 8-bit integers would be";
  let description = [{
    `y = (clamp(round(x / s) + z, 0, 255) - z) * s` with `s = (high - low) / 255` and `z = round(-low / s)` of the range widened to hold 0;
    of a `symmetric` one (weights): `y = clamp(round(x / s), -127, 127) * s` with `s = max(-low, high) / 127`. Each step in f32, ties to
    even; where the range is nothing but 0: `y = 0`. The gradient goes through as if nothing had been rounded, and is zero where x is
    cut off (the straight-through estimator; Jacob et al. 2018). A range has no gradient.

    C1: `low` and `high` are scalars, or [channels].
  }];
  let arguments = (ins Weir_F32:$x, Weir_F32:$low, Weir_F32:$high, DefaultValuedAttr<BoolAttr, "false">:$symmetric);
  let assemblyFormat = "$x `,` $low `,` $high attr-dict `:` functional-type(operands, results)";
}

def FakeQuantizeGradOp : Weir_FakeQuantizeOp<"fake_quantize_grad", [AllTypesMatch<["x", "dy", "result"]>]> {
  let summary = "Gradient of fake_quantize with respect to what is rounded";
  let description = [{
    `dx = y reaches x ? dy : 0`: where `round(x / s)` was cut off there is none.

    C1: `low` and `high` are scalars, or [channels].
  }];
  let arguments = (ins Weir_F32:$x, Weir_F32:$low, Weir_F32:$high, Weir_F32:$dy, DefaultValuedAttr<BoolAttr, "false">:$symmetric);
  let assemblyFormat = "$x `,` $low `,` $high `,` $dy attr-dict `:` functional-type(operands, results)";
}

#endif // WEIR_IR_QUANTIZATION_OPS_TD
