//===- MatrixLoops.h - the loops of matrix products -------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "kernels/LoopFacts.h"

namespace weir {

LoopFacts loopsOf(DenseOp op, const KernelTarget &target);
LoopFacts loopsOf(PackedDenseOp op, const KernelTarget &target);
LoopFacts loopsOf(DenseInputGradOp op, const KernelTarget &target);
LoopFacts loopsOf(DenseWeightGradOp op, const KernelTarget &target);

/// The windows that a product's operand `x` is made of in the same kernel; null where it is a
/// matrix in memory.
PatchesOp windowsBehind(mlir::Value x);

/// The loops of the group's matrix product, from its types alone; nothing where it has none.
std::optional<LoopFacts> matrixLoopsOf(KernelOp kernel, const KernelTarget &target);

} // namespace weir
