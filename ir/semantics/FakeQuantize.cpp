//===- FakeQuantize.cpp - value_range, fake_quantize: shapes, reference, gradient ------------===//

#include "ir/Builders.h"
#include "ir/semantics/QuantizedArithmetic.h"

#include <limits>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// The integers of a range that is only known when the net runs; all numbers are f32.
struct RangeNumbers {
  double scale, zeroPoint, low, high;

  RangeNumbers(double from, double to, bool symmetric) {
    from = std::min(roundToF32(from), 0.0);
    to = std::max(roundToF32(to), 0.0);
    if (symmetric) {
      scale = roundToF32(std::max(to, -from) / 127.0);
      zeroPoint = 0;
      low = -127;
      high = 127;
      return;
    }
    scale = roundToF32(roundToF32(to - from) / 255.0);
    zeroPoint = scale > 0 ? std::nearbyint(roundToF32(-from / scale)) : 0;
    low = 0;
    high = 255;
  }

  /// The integer of `x`, before it is cut off.
  double integer(double x) const {
    return scale > 0 ? std::nearbyint(roundToF32(roundToF32(x) / scale)) + zeroPoint : zeroPoint;
  }
  bool reaches(double x) const { return scale > 0 && integer(x) >= low && integer(x) <= high; }
  double rounded(double x) const {
    return roundToF32((std::min(std::max(integer(x), low), high) - zeroPoint) * scale);
  }
};

/// C1 of fake_quantize and its gradient.
LogicalResult checkRange(Operation *op) {
  auto x = cast<RankedTensorType>(op->getOperand(0).getType());
  for (Value bound : op->getOperands().slice(1, 2)) {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(bound.getType()).getShape();
    if (!shape.empty() && (x.getRank() == 0 || shape != x.getShape().take_back()))
      return op->emitOpError("expects a range of scalars or of one number a channel, but got ")
             << shapeText(shape) << " for values of " << shapeText(x.getShape());
  }
  return success();
}

/// Calls `visit(i, numbers)` for each value of `x`.
void forEachNumber(ArrayRef<Tensor> operands, bool symmetric,
                   function_ref<void(int64_t, const RangeNumbers &)> visit) {
  const Tensor &low = operands[1], &high = operands[2];
  for (int64_t i = 0; i < operands[0].size(); ++i)
    visit(i, RangeNumbers(low[i % low.size()], high[i % high.size()], symmetric));
}

} // namespace

LogicalResult ValueRangeOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getNumElements() == 0 || (adaptor.getPerChannel() && x.getRank() == 0)) // C1
    return emitOptionalError(location, "'value_range' expects values",
                             adaptor.getPerChannel() ? " with channels" : "", ", but got ",
                             shapeText(x.getShape()));
  RankedTensorType type =
      f32Tensor(context, adaptor.getPerChannel() ? x.getShape().take_back() : ArrayRef<int64_t>());
  types.append({type, type});
  return success();
}
void ValueRangeOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  Tensor &low = results[0], &high = results[1];
  llvm::fill(low.values, std::numeric_limits<double>::infinity());
  llvm::fill(high.values, -std::numeric_limits<double>::infinity());
  for (auto [i, x] : llvm::enumerate(operands[0].values)) {
    const auto channel = static_cast<int64_t>(i) % low.size();
    low[channel] = std::min(low[channel], x);
    high[channel] = std::max(high[channel], x);
  }
}

LogicalResult FakeQuantizeOp::verify() { return checkRange(*this); }
void FakeQuantizeOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  forEachNumber(operands, getSymmetric(), [&](int64_t i, const RangeNumbers &numbers) {
    results[0][i] = numbers.rounded(operands[0][i]);
  });
}
SmallVector<Value> FakeQuantizeOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                                 ArrayRef<bool> wanted) {
  SmallVector<Value> results(3);
  if (!wanted[0])
    return results;
  // Nothing lies outside of a symmetric range of the values themselves.
  auto range = getLow().getDefiningOp<ValueRangeOp>();
  const bool holdsAll = getSymmetric() && range && range.getX() == getX();
  results[0] = holdsAll
                   ? gradients[0]
                   : Value(FakeQuantizeGradOp::create(builder, getLoc(), getX(), getLow(),
                                                      getHigh(), gradients[0], getSymmetricAttr()));
  return results;
}

LogicalResult FakeQuantizeGradOp::verify() { return checkRange(*this); }
void FakeQuantizeGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  forEachNumber(operands, getSymmetric(), [&](int64_t i, const RangeNumbers &numbers) {
    results[0][i] = numbers.reaches(operands[0][i]) ? operands[3][i] : 0;
  });
}

} // namespace weir
