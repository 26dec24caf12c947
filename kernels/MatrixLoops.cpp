//===- MatrixLoops.cpp - see MatrixLoops.h ---------------------------------------------------===//

#include "kernels/MatrixLoops.h"

#include "llvm/ADT/TypeSwitch.h"

using llvm::isa;
using mlir::Operation;
using mlir::Value;

namespace weir {

static int64_t extent(Value value, unsigned dimension) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getDimSize(dimension);
}

LoopFacts loopsOf(DenseOp op, const KernelTarget &target) {
  return matrixFacts({extent(op.getX(), 0), extent(op.getWeight(), 1), extent(op.getWeight(), 0)},
                     target, LargeOperand::Right);
}

LoopFacts loopsOf(PackedDenseOp op, const KernelTarget &target) {
  return dotFacts({extent(op.getX(), 0), extent(op.getResult(), 1), extent(op.getWeight(), 0)},
                  static_cast<int>(extent(op.getWeight(), 2)), target);
}

LoopFacts loopsOf(DenseInputGradOp op, const KernelTarget &target) {
  return transposedFacts(
      {extent(op.getDy(), 0), extent(op.getWeight(), 0), extent(op.getWeight(), 1)}, target);
}

LoopFacts loopsOf(DenseWeightGradOp op, const KernelTarget &target) {
  return matrixFacts({extent(op.getX(), 1), extent(op.getDy(), 1), extent(op.getX(), 0)}, target,
                     LargeOperand::Both);
}

std::optional<LoopFacts> matrixLoopsOf(KernelOp kernel, const KernelTarget &target) {
  for (Operation &op : kernel.getBody().front()) {
    if (isa<DenseOp>(op) && isQuantized(op.getOperand(0).getType()))
      continue; // sums of a plain nest
    const auto found =
        llvm::TypeSwitch<Operation *, std::optional<LoopFacts>>(&op)
            .Case<DenseOp, PackedDenseOp, DenseInputGradOp, DenseWeightGradOp>(
                [&](auto product) { return std::optional(loopsOf(product, target)); })
            .Default([](Operation *) { return std::nullopt; });
    if (found)
      return found;
  }
  return std::nullopt;
}

} // namespace weir
