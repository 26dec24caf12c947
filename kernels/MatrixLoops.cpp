//===- MatrixLoops.cpp - see MatrixLoops.h ---------------------------------------------------===//

#include "kernels/MatrixLoops.h"

#include "ir/Builders.h"

#include "llvm/ADT/TypeSwitch.h"

using llvm::isa;
using mlir::Operation;
using mlir::Value;

namespace weir {

static int64_t extent(Value value, unsigned dimension) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getDimSize(dimension);
}

/// Registers that numbers of the ops behind `product` in its kernel take: an optimizer's rates,
/// bounds of an activation. They are loaded before the loops.
static int64_t constantsBehind(Operation *product) {
  int64_t constants = 0;
  for (Operation *op = product->getNextNode(); op; op = op->getNextNode()) {
    if (isOptimizer(op))
      return 3;
    if (op->hasTrait<Pointwise>())
      constants = std::max<int64_t>(constants, isa<Relu6Op, Relu6GradOp>(op) ? 2 : 1);
  }
  return constants;
}

LoopFacts loopsOf(DenseOp op, const KernelTarget &target) {
  return matrixFacts({extent(op.getX(), 0), extent(op.getWeight(), 1), extent(op.getWeight(), 0),
                      constantsBehind(op)},
                     target, LargeOperand::Right);
}

LoopFacts loopsOf(PackedDenseOp op, const KernelTarget &target) {
  return dotFacts({extent(op.getX(), 0), extent(op.getResult(), 1), extent(op.getWeight(), 0)},
                  static_cast<int>(extent(op.getWeight(), 2)), target);
}

LoopFacts loopsOf(DenseInputGradOp op, const KernelTarget &target) {
  return transposedFacts({extent(op.getDy(), 0), extent(op.getWeight(), 0),
                          extent(op.getWeight(), 1), constantsBehind(op)},
                         target);
}

LoopFacts loopsOf(DenseWeightGradOp op, const KernelTarget &target) {
  return matrixFacts(
      {extent(op.getX(), 1), extent(op.getDy(), 1), extent(op.getX(), 0), constantsBehind(op)},
      target, LargeOperand::Both);
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
