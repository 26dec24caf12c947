//===- ExpandBatchNorm.cpp - what batch_norm does while training, as ops ---------------------===//
//
// Comes first: differentiate wants the statistics as values of the function, so that forward and
// backward share them.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Dialect.h"
#include "passes/Passes.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_EXPANDBATCHNORM
#include "passes/Passes.h.inc"

namespace {

/// `assign @running, (1 - momentum) * running + momentum * correction * batch`.
void updateAverage(OpBuilder &builder, BatchNormOp norm, Value running, Value batch,
                   double correction) {
  auto read = running.getDefiningOp<ReadOp>();
  auto average =
      RunningAverageOp::create(builder, norm.getLoc(), batch.getType(), running, batch,
                               norm.getMomentumAttr(), builder.getF64FloatAttr(correction));
  AssignOp::create(builder, norm.getLoc(), read.getVariable(), average);
}

LogicalResult expand(BatchNormOp norm) {
  for (Value running : {norm.getMean(), norm.getVariance()})
    if (!running.getDefiningOp<ReadOp>())
      return norm.emitOpError("expects running averages that are read from variables");
  OpBuilder builder(norm);
  auto stats = BatchStatsOp::create(builder, norm.getLoc(), norm.getX());
  auto type = cast<RankedTensorType>(norm.getX().getType());
  const int64_t values = type.getNumElements() / type.getShape().back();
  const auto count = static_cast<double>(values);
  updateAverage(builder, norm, norm.getMean(), stats.getMean(), 1);
  updateAverage(builder, norm, norm.getVariance(), stats.getVariance(), count / (count - 1));
  norm.getMeanMutable().assign(stats.getMean());
  norm.getVarianceMutable().assign(stats.getVariance());
  return success();
}

struct ExpandBatchNorm : impl::ExpandBatchNormBase<ExpandBatchNorm> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk([](BatchNormOp norm) {
      const bool expanded = norm.getMean().getDefiningOp<BatchStatsOp>() != nullptr;
      return norm.getTraining() && !expanded && failed(expand(norm)) ? WalkResult::interrupt()
                                                                     : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
} // namespace weir
