//===- Dropout.cpp - dropout: reference and gradient ------------------------------------------===//

#include "ir/Builders.h"

#include <cmath>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {

LogicalResult DropoutOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  const double rate = adaptor.getRate().convertToDouble();
  // C1. A rate that rounds to 1 in 32 bits would keep everything.
  if (!(rate >= 0 && rate < 1 && std::llround(rate * 4294967296.0) <= 0xffffffffLL))
    return emitOptionalError(location, "'dropout' expects a rate from 0 to below 1, but got ",
                             numberText(rate));
  if (Value counter = adaptor.getCounter(); // C2
      counter && cast<RankedTensorType>(counter.getType()).getShape() != ArrayRef<int64_t>{3})
    return emitOptionalError(location, "'dropout' expects a counter of three words, but got ",
                             counter.getType());
  types.push_back(adaptor.getX().getType());
  return success();
}

OpFoldResult DropoutOp::fold(FoldAdaptor) {
  return getCounter() && getRate().convertToDouble() > 0 ? OpFoldResult() : getX();
}

void DropoutOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  if (!getCounter()) {
    results[0].values = x.values;
    return;
  }
  const auto word = [&](int64_t i) {
    return static_cast<uint32_t>(static_cast<int64_t>(operands[1][i]));
  };
  const uint32_t key1 = word(1) ^ (static_cast<uint32_t>(getStream()) * 0x9e3779b9u);
  const double rate = getRate().convertToDouble();
  const auto threshold = static_cast<uint32_t>(std::llround(rate * 4294967296.0));
  for (int64_t i = 0; i < x.size(); ++i) {
    const bool keep =
        reference::threefry(word(0), key1, static_cast<uint32_t>(i), word(2)) >= threshold;
    results[0][i] = keep ? x[i] / (1 - rate) : 0;
  }
}

/// Dropout is linear, and its mask is a function of the counter: the same op, applied to the
/// gradient.
SmallVector<Value> DropoutOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                            ArrayRef<bool>) {
  SmallVector<Value> results(getNumOperands());
  results[0] = DropoutOp::create(builder, getLoc(), gradients[0], getCounter(), getRateAttr(),
                                 getStreamAttr());
  return results;
}

} // namespace weir
