//===- SinkViews.cpp - pointwise ops on [rows, channels] -------------------------------------===//
//
// Comes after lower-convolutions, whose products are matrices seen as images, and before
// form-groups, which fuses an op into the product only where no view stands between. What looks at
// each value alone, or at channels, does not care how the rows are counted.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "passes/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_SINKVIEWS
#include "passes/Passes.h.inc"

namespace {

/// Reductions over all rows, channel by channel.
bool isOfChannels(Operation *op) { return isa<BatchStatsOp, BatchNormSumsOp>(op); }

/// The type with more than two dimensions that all the op's large operands and results share, or
/// null.
RankedTensorType commonImage(Operation *op) {
  RankedTensorType image;
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  for (Type type : types) {
    auto tensor = cast<RankedTensorType>(type);
    if (tensor.getRank() <= 1)
      continue; // one number a channel, a scalar, a counter
    if (image && image != tensor)
      return nullptr;
    image = tensor;
  }
  return image && image.getRank() > 2 ? image : nullptr;
}

/// True where the value is [rows, channels] seen as `image`.
bool isMatrixView(Value value, RankedTensorType image) {
  auto view = value.getDefiningOp<ViewOp>();
  if (!view)
    return false;
  auto from = cast<RankedTensorType>(view.getX().getType());
  return from.getRank() == 2 && from.getShape().back() == image.getShape().back();
}

/// Rebuilds `op` on matrices, and views its results as before.
void sink(Operation *op, RankedTensorType image) {
  OpBuilder builder(op);
  const int64_t channels = image.getShape().back();
  auto matrix =
      RankedTensorType::get({image.getNumElements() / channels, channels}, image.getElementType());
  OperationState state(op->getLoc(), op->getName());
  for (Value operand : op->getOperands())
    state.addOperands(operand.getType() == image
                          ? Value(ViewOp::create(builder, op->getLoc(), matrix, operand))
                          : operand);
  for (Type type : op->getResultTypes())
    state.addTypes(type == image ? Type(matrix) : type);
  state.addAttributes(op->getAttrs());
  Operation *sunk = builder.create(state);
  for (auto [before, after] : llvm::zip_equal(op->getResults(), sunk->getResults()))
    before.replaceAllUsesWith(before.getType() == image
                                  ? Value(ViewOp::create(builder, op->getLoc(), image, after))
                                  : Value(after));
  op->erase();
}

struct SinkViews : impl::SinkViewsBase<SinkViews> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      // In program order, so that a view goes through a whole chain.
      for (Operation &op : llvm::make_early_inc_range(function.getBody().front())) {
        if (!op.hasTrait<Pointwise>() && !isOptimizer(&op) && !isOfChannels(&op))
          continue;
        RankedTensorType image = commonImage(&op);
        if (image && (isOfChannels(&op) || llvm::any_of(op.getOperands(), [&](Value operand) {
                        return isMatrixView(operand, image);
                      })))
          sink(&op, image);
      }
      // Views of views, and views that nobody wants any more. No common subexpressions here: the
      // backward pass makes its patches anew instead of keeping them since the forward pass.
      if (failed(applyPatternsGreedily(function, FrozenRewritePatternSet())))
        return signalPassFailure();
    }
  }
};

} // namespace
} // namespace weir
