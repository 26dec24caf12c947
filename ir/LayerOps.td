//===- LayerOps.td - dense and the shape-changing layers -----------------------------------===//

#ifndef WEIR_IR_LAYER_OPS_TD
#define WEIR_IR_LAYER_OPS_TD

include "ir/Base.td"

def DenseOp : Weir_LayerOp<"dense", [InferTypeOpAdaptor, Weir_LayerInterface, Weir_TakesEpilogue]> {
  let summary = "Fully connected layer: matrix product plus bias";
  let description = [{
    `y[b, j] = bias[j] + sum_k x[b, k] * weight[k, j]`

    `x`: [batch, features], `weight`: [features, units], `bias`: [units], result: [batch, units].
    `init` is the weight's initialiser (`auto`: chosen by what follows the layer); the bias starts at zero.

    C1: `x` has rank 2. C2: `units` is positive. C3: `weight` is [features, units]. C4: `bias` is [units].
  }];
  let arguments = (ins Weir_Tensor:$x, Weir_Parameter:$weight, Optional<Weir_Parameter>:$bias,
                       I64Attr:$units, DefaultValuedAttr<BoolAttr, "true">:$use_bias,
                       DefaultValuedStrAttr<StrAttr, "auto">:$init);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def FlattenOp : Weir_LayerOp<"flatten", [InferTypeOpAdaptor]> {
  let summary = "All of an image's values in one row";
  let description = [{
    `y[b, ((i * W) + j) * C + c] = x[b, i, j, c]`, for any rank.

    C1: `x` has rank 2 or more.
  }];
  let arguments = (ins Weir_Tensor:$x);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def ReshapeOp : Weir_LayerOp<"reshape", [InferTypeOpAdaptor]> {
  let summary = "The same values in the same order, in another shape";
  let description = [{
    `shape` is that of one image, without the batch; one entry may be -1 and is worked out.

    C1: at most one entry is -1, all others are positive. C2: the number of elements stays the same.
  }];
  let arguments = (ins Weir_Tensor:$x, DenseI64ArrayAttr:$shape);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def ViewOp : Weir_PureOp<"view", [Weir_DifferentiableOp]> {
  let summary = "A tensor's values in another shape of as many elements";
  let description = [{
    What `flatten` and `reshape` become once their checks are done, and their gradient: no computation, an alias in
    the memory plan.

    C1: the number of elements stays the same.
  }];
  let arguments = (ins Weir_F32:$x);
  let results = (outs Weir_F32:$result);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
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
