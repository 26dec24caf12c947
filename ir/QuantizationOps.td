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

#endif // WEIR_IR_QUANTIZATION_OPS_TD
