//===- Simplify.cpp - fold what computes nothing ---------------------------------------------===//
//
// Comes first, and again after differentiate, whose chain rule leaves views and dead gradients
// behind.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/AlgebraPatterns.h"
#include "passes/FoldConstants.h"
#include "passes/Passes.h"

#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_SIMPLIFY
#include "passes/Passes.h.inc"

namespace {

/// `flatten` and `reshape` have been checked when they were built; from here on they are aliases.
template <typename Op> struct ReshapeToView : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<ViewOp>(op, op.getType(), op.getX());
    return success();
  }
};

struct Simplify : impl::SimplifyBase<Simplify> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ReshapeToView<FlattenOp>, ReshapeToView<ReshapeOp>>(&getContext());
    addAlgebraPatterns(patterns);
    FrozenRewritePatternSet frozen(std::move(patterns));
    foldConstants(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (failed(applyPatternsGreedily(function, frozen)))
        return signalPassFailure();
      IRRewriter rewriter(&getContext());
      DominanceInfo dominance(function);
      eliminateCommonSubExpressions(rewriter, dominance, function);
    }
  }
};

} // namespace
} // namespace weir
