//===- SinkViews.cpp - pointwise ops on [rows, channels] -------------------------------------===//
//
// Comes after lower-convolutions, whose products are matrices seen as images, and before
// form-groups, which fuses an op into the product only where no view stands between. What looks at
// each value alone, or at channels, does not care how the rows are counted. Slices give way, too.
// An op stays with the image where that was made last, in loops that take it, as a mask behind a
// depthwise convolution's gradient; what is made again for it (recompute) follows it.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "passes/Passes.h"
#include "passes/Prologues.h"
#include "passes/Recompute.h"
#include "passes/Remarks.h"
#include "passes/SinkSlices.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_SINKVIEWS
#include "passes/Passes.h.inc"

namespace {

/// Reductions over all rows, channel by channel.
bool isOfChannels(Operation *op) { return isa<BatchStatsOp, BatchNormSumsOp>(op); }

/// The shape of a value with more than one dimension; others are one number a channel, a scalar, a
/// counter.
ArrayRef<int64_t> imageShapeOf(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  return shape.size() > 1 ? shape : ArrayRef<int64_t>();
}

/// The shape of more than two dimensions that all the op's large operands and results share, or
/// none.
SmallVector<int64_t> commonImage(Operation *op) {
  ArrayRef<int64_t> image;
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  for (Type type : types) {
    ArrayRef<int64_t> shape = imageShapeOf(type);
    if (shape.empty())
      continue;
    if (!image.empty() && image != shape)
      return {};
    image = shape;
  }
  return SmallVector<int64_t>(image.size() > 2 ? image : ArrayRef<int64_t>());
}

/// True where the value is [rows, channels] seen as `image`.
bool isMatrixView(Value value, ArrayRef<int64_t> image) {
  auto view = value.getDefiningOp<ViewOp>();
  if (!view || imageShapeOf(value.getType()) != image)
    return false;
  auto from = cast<RankedTensorType>(view.getX().getType());
  return from.getRank() == 2 && from.getShape().back() == image.back();
}

/// True where the operand of `op` that was made last is an image from loops that take what is
/// pointwise behind them. What is made again is made wherever it is read.
bool standsBehindImage(Operation *op, ArrayRef<int64_t> image) {
  Operation *last = nullptr;
  for (Value operand : op->getOperands())
    if (Operation *maker = operand.getDefiningOp();
        maker && imageShapeOf(operand.getType()) == image && !maker->hasAttr(recomputedAttribute) &&
        (!last || last->isBeforeInBlock(maker)))
      last = maker;
  return last && (last->hasTrait<TakesEpilogue>() ||
                  (last->hasTrait<Pointwise>() && standsBehindImage(last, image)));
}

/// Whether somebody sees the image `value` as [rows, channels].
bool isReadAsMatrix(Value value) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    auto view = dyn_cast<ViewOp>(user);
    auto type = view ? cast<RankedTensorType>(view.getType()) : RankedTensorType();
    return type && type.getRank() == 2 &&
           type.getShape().back() == imageShapeOf(value.getType()).back();
  });
}

/// Rebuilds `op` on matrices, and views its results as before.
void sink(Operation *op, ArrayRef<int64_t> image) {
  tellDone(op, remarks::layout,
           "computed on [rows, channels], so that no view stands between it and the product");
  OpBuilder builder(op);
  auto matrix = [&](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return reshapedType(tensor, {tensor.getNumElements() / image.back(), image.back()});
  };
  OperationState state(op->getLoc(), op->getName());
  for (Value operand : op->getOperands())
    state.addOperands(
        imageShapeOf(operand.getType()) == image
            ? Value(ViewOp::create(builder, op->getLoc(), matrix(operand.getType()), operand))
            : operand);
  for (Type type : op->getResultTypes())
    state.addTypes(imageShapeOf(type) == image ? Type(matrix(type)) : type);
  state.addAttributes(op->getAttrs());
  Operation *sunk = builder.create(state);
  for (auto [before, after] : llvm::zip_equal(op->getResults(), sunk->getResults()))
    before.replaceAllUsesWith(
        imageShapeOf(before.getType()) == image
            ? Value(ViewOp::create(builder, op->getLoc(), before.getType(), after))
            : Value(after));
  op->erase();
}

struct SinkViews : impl::SinkViewsBase<SinkViews> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      sinkSlices(function.getBody().front());
      sinkBehindProducts(function.getBody().front());
      sinkMadeAgain(function.getBody().front());
      // Views of views, and views that nobody wants any more. No common subexpressions here: the
      // backward pass makes its patches anew instead of keeping them since the forward pass.
      if (failed(applyPatternsGreedily(function, FrozenRewritePatternSet())))
        return signalPassFailure();
    }
  }

  /// In program order, so that a view goes through a whole chain.
  static void sinkBehindProducts(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if ((!op.hasTrait<Pointwise>() && !isOptimizer(&op) && !isOfChannels(&op)) ||
          op.hasAttr(recomputedAttribute) || op.hasAttr(prologueAttribute))
        continue;
      const SmallVector<int64_t> image = commonImage(&op);
      const auto isMatrix = [&](Value operand) { return isMatrixView(operand, image); };
      if (!image.empty() && (isOfChannels(&op) || (llvm::any_of(op.getOperands(), isMatrix) &&
                                                   !standsBehindImage(&op, image))))
        sink(&op, image);
    }
  }

  /// Last first, so that a chain follows its reader.
  static void sinkMadeAgain(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (op.hasTrait<Pointwise>() && op.hasAttr(recomputedAttribute) &&
          !op.hasAttr(prologueAttribute))
        if (const SmallVector<int64_t> image = commonImage(&op);
            !image.empty() && isReadAsMatrix(op.getResult(0)))
          sink(&op, image);
  }
};

} // namespace
} // namespace weir
