//===- MatrixLoops.cpp - see MatrixLoops.h ---------------------------------------------------===//

#include "kernels/MatrixLoops.h"
#include "kernels/Candidates.h"

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

PatchesOp windowsBehind(Value x) {
  auto view = x.getDefiningOp<ViewOp>();
  return view ? view.getX().getDefiningOp<PatchesOp>() : PatchesOp();
}

/// How positions of windows are counted, and what each has; `group` channels count as one.
static Dimensions positionsOf(PatchesOp patches) {
  const llvm::ArrayRef<int64_t> shape = patches.getType().getShape();
  return {shape[2], shape[1], shape[0]};
}
static Dimensions tapsOf(PatchesOp patches, int64_t group = 1) {
  const llvm::ArrayRef<int64_t> shape = patches.getType().getShape();
  return {shape[5] / group, shape[4], shape[3]};
}

/// Whether what is behind the product in its kernel goes value by value, or sums up over all rows,
/// so that lines of positions can be a dimension of their own (Lines.h).
static bool takesLines(Operation *product) {
  const auto isOperand = [&](Value value) {
    return llvm::cast<mlir::RankedTensorType>(value.getType()).getRank() > 1 &&
           llvm::is_contained(product->getOperands(), value);
  };
  return llvm::all_of(product->getBlock()->without_terminator(), [&](Operation &op) {
    if (&op == product || isa<PatchesOp, FillOp, BatchStatsOp>(op))
      return true;
    if (isa<ViewOp>(op))
      return op.getResult(0) == product->getOperand(0);
    return op.hasTrait<Pointwise>() && llvm::none_of(op.getOperands(), isOperand) &&
           llvm::none_of(op.getResults(), isOperand);
  });
}

LoopFacts loopsOf(DenseOp op, const KernelTarget &target) {
  MatrixExtents extents{extent(op.getX(), 0), extent(op.getWeight(), 1), extent(op.getWeight(), 0),
                        constantsBehind(op)};
  if (PatchesOp windows = windowsBehind(op.getX()); windows && !target.isGpu()) {
    extents.rowDimensions = positionsOf(windows);
    extents.termDimensions = tapsOf(windows);
    extents.lines = takesLines(op);
  }
  return matrixFacts(extents, target, LargeOperand::Right);
}

LoopFacts loopsOf(PackedDenseOp op, const KernelTarget &target) {
  const int64_t group = extent(op.getWeight(), 2);
  MatrixExtents extents{extent(op.getX(), 0), op.getType().getShape().back(),
                        extent(op.getWeight(), 0)};
  const LoopFacts copied = dotFacts(extents, static_cast<int>(group), target);
  PatchesOp windows = windowsBehind(op.getX());
  // An instruction's terms are neighbours in the image where a tap's channels are whole groups;
  // else, and for tiles and widened values, each tile's rows are copied first.
  if (!windows || group != 4 || windows.getType().getShape()[5] % group != 0 ||
      copied.kind != LoopFacts::Template::Dots)
    return copied;
  extents.rowDimensions = positionsOf(windows);
  extents.termDimensions = tapsOf(windows, group);
  extents.lines = takesLines(op);
  LoopFacts direct = dotFacts(extents, static_cast<int>(group), target);
  const double copies = double(extents.rows) * double(extents.depth) / target.vectorWidth;
  return estimateCycles(direct.chosen, direct, target, 1) <=
                 estimateCycles(copied.chosen, copied, target, 1) + copies
             ? direct
             : copied;
}

LoopFacts loopsOf(DenseInputGradOp op, const KernelTarget &target) {
  return transposedFacts({extent(op.getDy(), 0), extent(op.getWeight(), 0),
                          extent(op.getWeight(), 1), constantsBehind(op)},
                         target);
}

LoopFacts loopsOf(DenseWeightGradOp op, const KernelTarget &target) {
  MatrixExtents extents{extent(op.getX(), 1), extent(op.getDy(), 1), extent(op.getX(), 0),
                        constantsBehind(op)};
  if (PatchesOp windows = windowsBehind(op.getX()); windows && !target.isGpu()) {
    extents.rowDimensions = tapsOf(windows);
    extents.termDimensions = positionsOf(windows);
  }
  return matrixFacts(extents, target, LargeOperand::Both);
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
