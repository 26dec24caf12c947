//===- ShapeOps.td - same values elsewhere: reshape, concat, slice, pad, transpose; sums -----===//

#ifndef WEIR_IR_SHAPE_OPS_TD
#define WEIR_IR_SHAPE_OPS_TD

include "ir/Base.td"

def FlattenOp : Weir_LayerOp<"flatten", [InferTypeOpAdaptor, Weir_TakesQuantized]> {
  let summary = "All of an image's values in one row";
  let description = [{
    `y[b, ((i * W) + j) * C + c] = x[b, i, j, c]`, for any rank.

    C1: `x` has rank 2 or more. C2: `x` has one scale.
  }];
  let arguments = (ins Weir_AnyValue:$x);
  let results = (outs Weir_Any:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def ReshapeOp : Weir_LayerOp<"reshape", [InferTypeOpAdaptor, Weir_TakesQuantized]> {
  let summary = "The same values in the same order, in another shape";
  let description = [{
    `shape` is that of one image, without the batch; one entry may be -1 and is worked out.

    C1: at most one entry is -1, all others are positive. C2: the number of elements stays the same. C3: `x` has one scale.
  }];
  let arguments = (ins Weir_AnyValue:$x, DenseI64ArrayAttr:$shape);
  let results = (outs Weir_Any:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def ViewOp : Weir_PureOp<"view", [Weir_DifferentiableOp, Weir_TakesQuantized]> {
  let summary = "A tensor's values in another shape of as many elements";
  let description = [{
    What `flatten` and `reshape` become once their checks are done, and their gradient: no computation, an alias in
    the memory plan.

    C1: the number of elements stays the same. C2: so does what the elements stand for; scales are along the dimension that
    counts the same values.
  }];
  let arguments = (ins Weir_Any:$x);
  let results = (outs Weir_Any:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

//===------------------------------------------------------------------------------------===//
// Axes count the dimensions of one image, without the batch; -1 is the last one.
//===------------------------------------------------------------------------------------===//

def ConcatOp : Weir_LayerOp<"concat", [InferTypeOpAdaptor, Weir_TakesQuantized]> {
  let summary = "Tensors one behind the other along one dimension";
  let description = [{
    C1: there is at least one input. C2: all have the same rank of 2 or more. C3: `axis` is one of its dimensions.
    C4: all other sizes are equal. C5: elements are all of one type; quantized ones have the same scale and zero point (bounds
    may differ, the result's hold all of them), or scales along the dimension itself.
  }];
  let arguments = (ins Variadic<Weir_AnyValue>:$inputs, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs Weir_Any:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def SliceOp : Weir_LayerOp<"slice", [InferTypeOpAdaptor, Weir_TakesQuantized]> {
  let summary = "A part of a tensor along one dimension";
  let description = [{
    `y[.., i, ..] = x[.., begin + i, ..]` for `begin <= begin + i < end`.

    C1: `axis` is a dimension of `x`. C2: 0 <= begin < end <= the dimension's size.
  }];
  let arguments = (ins Weir_AnyValue:$x, I64Attr:$begin, I64Attr:$end, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs Weir_Any:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def SliceGradOp : Weir_PureOp<"slice_grad"> {
  let summary = "Gradient of slice: the values at their old place among zeros";
  let description = [{
    The result has the shape of slice's input.

    C1: `axis` is a dimension of `dy`. C2: begin + dy's size fits into the result's. C3: all other sizes are equal.
  }];
  let arguments = (ins Weir_F32:$dy, I64Attr:$begin, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$dy attr-dict `:` type($dy) `->` type($result)";
  let hasVerifier = 1;
}

def PadOp : Weir_LayerOp<"pad", [InferTypeOpAdaptor, Weir_TakesQuantized]> {
  let summary = "A border of a constant around an image";
  let description = [{
    `y[b, i + top, j + left, c] = x[b, i, j, c]`, `value` elsewhere (of quantized values: quantized).

    C1: `x` has rank 4. C2: `padding` is one, two or four sizes of 0 or more.
  }];
  let arguments = (ins Weir_Value:$x, DenseI64ArrayAttr:$padding, DefaultValuedAttr<F64Attr, "0.0">:$value);
  let results = (outs Weir_F32OrQ8:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def TransposeOp : Weir_LayerOp<"transpose", [InferTypeOpAdaptor, Weir_TakesQuantized]> {
  let summary = "The dimensions of an image in another order";
  let description = [{
    `permutation` lists, for each dimension of the result, which of the input's it is (from 0, without the batch).

    C1: `permutation` holds each dimension of `x` but the batch once. C2: `x` has one scale.
  }];
  let arguments = (ins Weir_AnyValue:$x, DenseI64ArrayAttr:$permutation);
  let results = (outs Weir_Any:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

class Weir_ReduceOp<string mnemonic> : Weir_LayerOp<mnemonic, [InferTypeOpAdaptor]> {
  let arguments = (ins Weir_Tensor:$x, DenseI64ArrayAttr:$axes, DefaultValuedAttr<BoolAttr, "false">:$keep_dims);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def ReduceSumOp : Weir_ReduceOp<"reduce_sum"> {
  let summary = "Sum over dimensions of an image";
  let description = [{
    The dimensions `axes` are summed over and disappear, or stay with size 1 (`keep_dims`).

    C1: `axes` are different dimensions of `x`, none of them the batch.
  }];
}

def ReduceMeanOp : Weir_ReduceOp<"reduce_mean"> {
  let summary = "Mean over dimensions of an image";
  let description = [{
    The dimensions `axes` are averaged over and disappear, or stay with size 1 (`keep_dims`).

    C1: `axes` are different dimensions of `x`, none of them the batch.
  }];
}

#endif // WEIR_IR_SHAPE_OPS_TD
