//===- Reduce.cpp - reduce_sum, reduce_mean: shapes, reference, gradient ---------------------===//

#include "ir/Axes.h"
#include "ir/Builders.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// The shape of `x` with size 1 in the dimensions `axes`; none where they break C1.
std::optional<SmallVector<int64_t>> keptShape(ArrayRef<int64_t> x, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> shape(x);
  SmallVector<bool> seen(x.size());
  for (int64_t axis : axes) {
    std::optional<int64_t> dimension = findDimension(axis, static_cast<int64_t>(x.size()));
    if (!dimension || seen[*dimension])
      return std::nullopt;
    seen[*dimension] = true;
    shape[*dimension] = 1;
  }
  return shape;
}

LogicalResult inferReduction(StringRef name, MLIRContext *context, std::optional<Location> location,
                             Type type, ArrayRef<int64_t> axes, bool keepDims,
                             SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(type);
  std::optional<SmallVector<int64_t>> kept = keptShape(x.getShape(), axes);
  if (!kept || axes.empty()) // C1
    return emitOptionalError(location, "'", name, "' expects different axes of ", imageShapeText(x),
                             ", but got [", listText(axes), "]");
  SmallVector<int64_t> shape;
  SmallVector<bool> summed(x.getRank());
  for (int64_t axis : axes)
    summed[dimensionOf(axis, x.getRank())] = true;
  for (int64_t d = 0; d < x.getRank(); ++d)
    if (keepDims || !summed[d])
      shape.push_back((*kept)[d]);
  types.push_back(f32Tensor(context, shape));
  return success();
}

/// `result` (zero-filled, with or without the summed dimensions) += the sums over `axes`.
void sum(const Tensor &x, ArrayRef<int64_t> axes, Tensor &result) {
  const SmallVector<int64_t> kept = *keptShape(x.shape, axes);
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t rest = i, place = 0, stride = 1;
    for (size_t d = kept.size(); d-- > 0;) {
      place += (kept[d] == 1 ? 0 : rest % x.shape[d]) * stride;
      rest /= x.shape[d];
      stride *= kept[d];
    }
    result[place] += x[i];
  }
}

/// How many values each sum is of.
int64_t termsOf(Type x, Type result) {
  return cast<RankedTensorType>(x).getNumElements() /
         cast<RankedTensorType>(result).getNumElements();
}

/// Each summed value's gradient is its sum's.
Value spread(OpBuilder &builder, Location location, Value gradient, Type x,
             ArrayRef<int64_t> axes) {
  auto type = cast<RankedTensorType>(x);
  RankedTensorType kept = f32Tensor(builder.getContext(), *keptShape(type.getShape(), axes));
  if (gradient.getType() != kept)
    gradient = ViewOp::create(builder, location, kept, gradient);
  return kept == x ? gradient : BroadcastToOp::create(builder, location, x, gradient).getResult();
}

} // namespace

LogicalResult ReduceSumOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduction("reduce_sum", context, location, adaptor.getX().getType(),
                        adaptor.getAxes(), adaptor.getKeepDims(), types);
}
void ReduceSumOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  sum(operands[0], getAxes(), results[0]);
}
SmallVector<Value> ReduceSumOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                              ArrayRef<bool>) {
  return {spread(builder, getLoc(), gradients[0], getX().getType(), getAxes())};
}

LogicalResult ReduceMeanOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferReduction("reduce_mean", context, location, adaptor.getX().getType(),
                        adaptor.getAxes(), adaptor.getKeepDims(), types);
}
void ReduceMeanOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  sum(operands[0], getAxes(), results[0]);
  const auto terms = static_cast<double>(termsOf(getX().getType(), getType()));
  for (double &value : results[0].values)
    value /= terms;
}
SmallVector<Value> ReduceMeanOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                               ArrayRef<bool>) {
  const auto terms = static_cast<double>(termsOf(getX().getType(), getType()));
  Value scaled = ScaleOp::create(builder, getLoc(), gradients[0], // before there are many of it
                                 builder.getF64FloatAttr(1 / terms));
  return {spread(builder, getLoc(), scaled, getX().getType(), getAxes())};
}

} // namespace weir
