//===- Clip.cpp - sum_of_squares, clip_factor, scale_by, clamp: gradient clipping ------------===//

#include "ir/Builders.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// C1 of clip_factor and clamp.
LogicalResult verifyLimit(Operation *op, double limit) {
  if (limit > 0)
    return success();
  return op->emitOpError("expects a limit above 0, but got ") << numberText(limit);
}

} // namespace

LogicalResult SumOfSquaresOp::inferReturnTypes(MLIRContext *context, std::optional<Location>,
                                               Adaptor, SmallVectorImpl<Type> &types) {
  types.push_back(f32Tensor(context, {}));
  return success();
}
void SumOfSquaresOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  for (double x : operands[0].values)
    results[0][0] += x * x;
}

LogicalResult ClipFactorOp::verify() { return verifyLimit(*this, getLimit().convertToDouble()); }
void ClipFactorOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double limit = getLimit().convertToDouble();
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0][i] = std::min(1.0, limit / (std::sqrt(operands[0][i]) + 1e-6));
}

LogicalResult ScaleByOp::verify() {
  auto factor = cast<RankedTensorType>(getFactor().getType());
  if (factor.getRank() != 0) // C1
    return emitOpError("expects a scalar factor, but got ") << factor;
  return success();
}
void ScaleByOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0][i] = operands[1][0] * operands[0][i];
}

LogicalResult ClampOp::verify() { return verifyLimit(*this, getLimit().convertToDouble()); }
void ClampOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double limit = getLimit().convertToDouble();
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0][i] = std::min(std::max(operands[0][i], -limit), limit);
}

} // namespace weir
