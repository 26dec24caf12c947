//===- Concat.cpp - concat, slice and slice_grad, pad: values at other places ----------------===//

#include "ir/Axes.h"
#include "ir/Builders.h"
#include "ir/semantics/QuantizedArithmetic.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// `visit(i, j)` for each row-major index `i` of a tensor of shape `part` and the index `j` that
/// it has in a tensor of shape `whole`, when it starts there at `begin` in each dimension.
void forEachPlace(ArrayRef<int64_t> part, ArrayRef<int64_t> whole, ArrayRef<int64_t> begin,
                  function_ref<void(int64_t, int64_t)> visit) {
  int64_t size = 1;
  for (int64_t extent : part)
    size *= extent;
  for (int64_t i = 0; i < size; ++i) {
    int64_t rest = i, place = 0, stride = 1;
    for (size_t d = part.size(); d-- > 0;) {
      place += (begin[d] + rest % part[d]) * stride;
      rest /= part[d];
      stride *= whole[d];
    }
    visit(i, place);
  }
}

/// `begin` in one dimension, 0 in the others.
SmallVector<int64_t> along(size_t rank, int64_t dimension, int64_t begin) {
  SmallVector<int64_t> origin(rank);
  origin[dimension] = begin;
  return origin;
}

/// `value` from `begin` to `end` along a dimension: itself, where that is all of it.
Value sliceOf(OpBuilder &builder, Location location, Value value, int64_t dimension, int64_t begin,
              int64_t end) {
  if (begin == 0 && end == typeOf(value).getDimSize(dimension))
    return value;
  return SliceOp::create(builder, location, value, builder.getI64IntegerAttr(begin),
                         builder.getI64IntegerAttr(end), builder.getI64IntegerAttr(dimension - 1));
}

/// The type of `inputs` along `dimension`, of `shape`; null where their elements do not stand for
/// the same.
RankedTensorType concatType(ValueRange inputs, ArrayRef<int64_t> shape, int64_t dimension) {
  const RankedTensorType first = typeOf(inputs[0]);
  if (!isQuantized(first)) {
    const bool same =
        llvm::none_of(inputs, [](Value input) { return isQuantized(input.getType()); });
    return same ? first.clone(shape) : RankedTensorType();
  }
  return concatQuantizedType(llvm::to_vector(llvm::map_range(inputs, typeOf)), shape, dimension);
}

} // namespace

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  if (adaptor.getInputs().empty()) // C1
    return emitOptionalError(location, "'concat' expects at least one input, but got none");
  const auto axis = static_cast<int64_t>(adaptor.getAxis());
  RankedTensorType first = typeOf(adaptor.getInputs()[0]);
  if (first.getRank() < 2) // C2
    return emitOptionalError(location, "'concat' expects batches of values, but got ",
                             shapeText(first.getShape()));
  std::optional<int64_t> dimension = findDimension(axis, first.getRank());
  if (!dimension) // C3
    return emitOptionalError(location, "'concat' expects an axis of ", imageShapeText(first),
                             ", but got ", axis);
  SmallVector<int64_t> shape(first.getShape());
  for (Value input : adaptor.getInputs().drop_front()) {
    RankedTensorType type = typeOf(input);
    bool fits = type.getRank() == first.getRank(); // C2
    if (fits)                                      // C4
      for (auto [d, extent] : llvm::enumerate(type.getShape()))
        fits &= static_cast<int64_t>(d) == *dimension || extent == first.getDimSize(d);
    if (!fits)
      return emitOptionalError(location, "'concat' expects equal sizes but for axis ", axis,
                               ", but got ", imageShapeText(first), " and ", imageShapeText(type));
    shape[*dimension] += type.getDimSize(*dimension);
  }
  RankedTensorType type = concatType(adaptor.getInputs(), shape, *dimension);
  if (!type) // C5
    return emitOptionalError(location,
                             "'concat' expects values of one scale and zero point, but got ",
                             adaptor.getInputs().getTypes());
  types.push_back(type);
  return success();
}
OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 ? getInputs()[0] : OpFoldResult();
}
void ConcatOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  Tensor &y = results[0];
  const int64_t dimension = dimensionOf(getAxis(), y.shape.size());
  int64_t begin = 0;
  for (const Tensor &x : operands) {
    forEachPlace(x.shape, y.shape, along(y.shape.size(), dimension, begin),
                 [&](int64_t i, int64_t place) { y[place] = x[i]; });
    begin += x.shape[dimension];
  }
}
SmallVector<Value> ConcatOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                           ArrayRef<bool> wanted) {
  const int64_t dimension = dimensionOf(getAxis(), typeOf(getResult()).getRank());
  SmallVector<Value> results;
  int64_t begin = 0;
  for (auto [input, isWanted] : llvm::zip_equal(getInputs(), wanted)) {
    const int64_t end = begin + typeOf(input).getDimSize(dimension);
    results.push_back(isWanted ? sliceOf(builder, getLoc(), gradients[0], dimension, begin, end)
                               : Value());
    begin = end;
  }
  return results;
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  RankedTensorType x = typeOf(adaptor.getX());
  const auto axis = static_cast<int64_t>(adaptor.getAxis()),
             begin = static_cast<int64_t>(adaptor.getBegin()),
             end = static_cast<int64_t>(adaptor.getEnd());
  std::optional<int64_t> dimension = findDimension(axis, x.getRank());
  if (!dimension) // C1
    return emitOptionalError(location, "'slice' expects an axis of ", imageShapeText(x),
                             ", but got ", axis);
  const int64_t size = x.getDimSize(*dimension);
  if (begin < 0 || begin >= end || end > size) // C2
    return emitOptionalError(location, "'slice' expects a part of the ", size,
                             " values along axis ", axis, ", but got ", begin, " to ", end);
  types.push_back(slicedType(x, *dimension, begin, end - begin));
  return success();
}
OpFoldResult SliceOp::fold(FoldAdaptor) {
  return getX().getType() == getType() ? getX() : OpFoldResult();
}
void SliceOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  Tensor &y = results[0];
  const int64_t dimension = dimensionOf(getAxis(), x.shape.size());
  forEachPlace(y.shape, x.shape, along(x.shape.size(), dimension, getBegin()),
               [&](int64_t i, int64_t place) { y[i] = x[place]; });
}
SmallVector<Value> SliceOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                          ArrayRef<bool>) {
  return {SliceGradOp::create(builder, getLoc(), getX().getType(), gradients[0], getBeginAttr(),
                              getAxisAttr())};
}

LogicalResult SliceGradOp::verify() {
  RankedTensorType dy = typeOf(getDy()), dx = typeOf(getResult());
  const auto axis = static_cast<int64_t>(getAxis()), begin = static_cast<int64_t>(getBegin());
  std::optional<int64_t> dimension = findDimension(axis, dy.getRank());
  if (!dimension) // C1
    return emitOpError("expects an axis of ") << dy << ", but got " << axis;
  bool fits = dy.getRank() == dx.getRank() && begin >= 0;
  if (fits)
    for (int64_t d = 0; d < dx.getRank(); ++d)
      fits &= d == *dimension ? begin + dy.getDimSize(d) <= dx.getDimSize(d) // C2
                              : dy.getDimSize(d) == dx.getDimSize(d);        // C3
  if (!fits)
    return emitOpError("expects a shape with room for ")
           << dy << " from " << begin << " on along axis " << axis << ", but got " << dx;
  return success();
}
void SliceGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0];
  Tensor &dx = results[0];
  const int64_t dimension = dimensionOf(getAxis(), dx.shape.size());
  forEachPlace(dy.shape, dx.shape, along(dx.shape.size(), dimension, getBegin()),
               [&](int64_t i, int64_t place) { dx[place] = dy[i]; });
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  RankedTensorType x = typeOf(adaptor.getX());
  if (x.getRank() != 4) // C1
    return emitOptionalError(
        location, "'pad' expects images of height x width x channels, but got ", imageShapeText(x));
  std::optional<Border> border = findBorder(adaptor.getPadding());
  if (!border) // C2
    return emitOptionalError(location,
                             "'pad' expects one, two or four sizes of at least 0, but got [",
                             listText(adaptor.getPadding()), "]");
  types.push_back(x.clone({x.getDimSize(0), x.getDimSize(1) + border->top + border->bottom,
                           x.getDimSize(2) + border->left + border->right, x.getDimSize(3)}));
  return success();
}
OpFoldResult PadOp::fold(FoldAdaptor) {
  return getX().getType() == getType() ? getX() : OpFoldResult();
}
void PadOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  Tensor &y = results[0];
  const Border border = *findBorder(getPadding());
  const double value = getValue().convertToDouble();
  const std::optional<Quantization> type = quantizationOf(getType());
  llvm::fill(y.values, type ? quantized(value, *type) : value);
  forEachPlace(x.shape, y.shape, {0, border.top, border.left, 0},
               [&](int64_t i, int64_t place) { y[place] = x[i]; });
}
SmallVector<Value> PadOp::buildGradient(OpBuilder &builder, ValueRange gradients, ArrayRef<bool>) {
  const Border border = *findBorder(getPadding());
  RankedTensorType x = typeOf(getX());
  Value rows =
      sliceOf(builder, getLoc(), gradients[0], 1, border.top, border.top + x.getDimSize(1));
  return {sliceOf(builder, getLoc(), rows, 2, border.left, border.left + x.getDimSize(2))};
}

} // namespace weir
