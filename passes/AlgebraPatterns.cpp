//===- AlgebraPatterns.cpp - see AlgebraPatterns.h -------------------------------------------===//

#include "passes/AlgebraPatterns.h"

#include "ir/Dialect.h"
#include "ir/Window.h"

using namespace mlir;

namespace weir {
namespace {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

template <typename Op> Window windowOfPool(Op op) {
  return windowOf(op.getX().getType(), {op.getKernel(), op.getStride(), op.getPadding(),
                                        /*dilation=*/{}, op.getCeilMode()});
}

/// relu of what is not negative anyway.
struct RepeatedRelu : OpRewritePattern<ReluOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReluOp op, PatternRewriter &rewriter) const override {
    Operation *inner = op.getX().getDefiningOp();
    if (!isa_and_nonnull<ReluOp, Relu6Op, SigmoidOp, SoftmaxOp>(inner))
      return failure();
    rewriter.replaceOp(op, op.getX());
    return success();
  }
};

/// relu6 of a relu, or of another relu6.
struct RepeatedRelu6 : OpRewritePattern<Relu6Op> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(Relu6Op op, PatternRewriter &rewriter) const override {
    if (op.getX().getDefiningOp<Relu6Op>()) {
      rewriter.replaceOp(op, op.getX());
      return success();
    }
    auto inner = op.getX().getDefiningOp<ReluOp>();
    if (!inner)
      return failure();
    rewriter.replaceOpWithNewOp<Relu6Op>(op, op.getType(), inner.getX());
    return success();
  }
};

/// Two transposes are one, or none.
struct TransposeOfTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<TransposeOp>();
    if (!inner)
      return failure();
    const auto both = llvm::map_to_vector(op.getPermutation(), [&](int64_t dimension) {
      return inner.getPermutation()[static_cast<size_t>(dimension)];
    });
    if (llvm::is_sorted(both))
      rewriter.replaceOp(op, inner.getX());
    else
      rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), inner.getX(), both);
    return success();
  }
};

/// A transpose that moves sizes of one only.
struct TransposeOfOnes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> image = shapeOf(op.getX()).drop_front();
    SmallVector<int64_t> large;
    llvm::copy_if(op.getPermutation(), std::back_inserter(large),
                  [&](int64_t dimension) { return image[static_cast<size_t>(dimension)] > 1; });
    if (!llvm::is_sorted(large))
      return failure();
    rewriter.replaceOpWithNewOp<ViewOp>(op, op.getType(), op.getX());
    return success();
  }
};

/// What is computed value by value comes before a transpose, so that two of them can meet.
struct SinkTranspose : RewritePattern {
  explicit SinkTranspose(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!op->hasTrait<Pointwise>() || op->getNumResults() != 1 || op->getNumOperands() == 0 ||
        op->getNumOperands() > 2)
      return failure();
    const Type type = op->getResult(0).getType();
    SmallVector<Value> operands;
    TransposeOp first;
    for (Value operand : op->getOperands()) {
      auto transpose = operand.getDefiningOp<TransposeOp>();
      if (!transpose || !operand.hasOneUse() || operand.getType() != type ||
          (first && first.getPermutation() != transpose.getPermutation()))
        return failure();
      first = first ? first : transpose;
      operands.push_back(transpose.getX());
    }
    OperationState state(op->getLoc(), op->getName(), operands, first.getX().getType(),
                         op->getAttrs());
    Operation *moved = rewriter.create(state);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, type, moved->getResult(0), first.getPermutation());
    return success();
  }
};

/// A border of zeros becomes the convolution's own.
template <typename Op> struct PadIntoConvolution : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto pad = op.getX().template getDefiningOp<PadOp>();
    if (!pad || !pad.getValue().isZero())
      return failure();
    // As windows of one value see it: before and after of both directions.
    const int64_t one[] = {1};
    const Window border = windowOf(pad.getX().getType(), {one, one, pad.getPadding(), one}),
                 window = windowOf(op.getX().getType(), {op.getKernel(), op.getStride(),
                                                         op.getPadding(), op.getDilation()});
    const int64_t padding[] = {border.vertical.before + window.vertical.before,
                               border.vertical.after + window.vertical.after,
                               border.horizontal.before + window.horizontal.before,
                               border.horizontal.after + window.horizontal.after};
    rewriter.modifyOpInPlace(op, [&] {
      op.getXMutable().assign(pad.getX());
      op.setPadding(padding);
    });
    return success();
  }
};

/// The mean of one value.
struct MeanOfOne : OpRewritePattern<GlobalAvgPool2dOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GlobalAvgPool2dOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> image = shapeOf(op.getX());
    if (image[1] != 1 || image[2] != 1 ||
        getElementTypeOrSelf(op.getX()) != getElementTypeOrSelf(op.getType()))
      return failure();
    rewriter.replaceOpWithNewOp<ViewOp>(op, op.getType(), op.getX());
    return success();
  }
};

/// A window of one value.
template <typename Op> struct PoolOfOne : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    const bool isIndexUsed = op->getNumResults() > 1 && !op->getResult(1).use_empty();
    if (isIndexUsed || !windowOfPool(op).isPointwise() ||
        op.getX().getType() != op->getResult(0).getType())
      return failure();
    rewriter.replaceAllUsesWith(op->getResult(0), op.getX());
    rewriter.eraseOp(op);
    return success();
  }
};

bool isWholeImage(const WindowAxis &axis) {
  return axis.output == 1 && axis.before == 0 && axis.kernel == axis.input;
}

/// One window that is the whole image: its mean needs no places.
struct MeanOfWholeImage : OpRewritePattern<AvgPool2dOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AvgPool2dOp op, PatternRewriter &rewriter) const override {
    const Window window = windowOfPool(op);
    if (!isWholeImage(window.vertical) || !isWholeImage(window.horizontal))
      return failure();
    auto type = cast<RankedTensorType>(op.getType());
    auto rows = type.clone({type.getDimSize(0), type.getDimSize(3)});
    Value mean = GlobalAvgPool2dOp::create(rewriter, op.getLoc(), rows, op.getX());
    rewriter.replaceOpWithNewOp<ViewOp>(op, type, mean);
    return success();
  }
};

} // namespace

void addAlgebraPatterns(RewritePatternSet &patterns) {
  patterns.add<RepeatedRelu, RepeatedRelu6, TransposeOfTranspose, TransposeOfOnes, SinkTranspose,
               PadIntoConvolution<Conv2dOp>, PadIntoConvolution<DepthwiseConv2dOp>, MeanOfOne,
               MeanOfWholeImage, PoolOfOne<MaxPool2dOp>, PoolOfOne<AvgPool2dOp>>(
      patterns.getContext());
}

} // namespace weir
