//===- PackedOps.td - products of 8-bit integers as the instructions take them --------------===//

#ifndef WEIR_IR_PACKED_OPS_TD
#define WEIR_IR_PACKED_OPS_TD

include "ir/Base.td"

def PackedDenseOp : Weir_PureOp<"packed_dense", [Weir_TakesEpilogue, Weir_TakesQuantized]> {
  let summary = "dense of 8-bit values, its weights laid out for dot-product instructions";
  let description = [{
    `y[i, j] = bias[j] + sum_k x[i, k] * weight[k / g, j, k mod g]` of stored integers: `pack-weights` has taken what x's zero
    point adds to each sum off the bias. `g` (2 or 4) is how many products such an instruction sums up for one result; rows of
    weights beyond x's and units beyond y's are zero, so that whole vectors can be read.

    `x`: [rows, depth], `weight`: [ceil(depth / g), padded units, g], `bias`: [padded units], result: [rows, units].

    C1: `x` and the result have two dimensions and as many rows. C2: `weight` is [ceil(depth / g), padded units, g], with g 2 or 4.
    C3: `bias` is [padded units]. C4: there are at most as many units as padded units.
  }];
  let arguments = (ins Weir_QTensor:$x, StaticShapeTensorOf<[I8]>:$weight, Weir_I32:$bias);
  let results = (outs StaticShapeTensorOf<[Weir_QSum]>:$result);
  let assemblyFormat = "$x `,` $weight `,` $bias attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // WEIR_IR_PACKED_OPS_TD
