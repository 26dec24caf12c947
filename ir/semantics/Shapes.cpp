//===- Shapes.cpp - flatten, reshape, view, transpose: same values, other shape --------------===//

#include "ir/Builders.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

Value viewAs(OpBuilder &builder, Location location, Value value, Type type) {
  return ViewOp::create(builder, location, type, value);
}

/// True where scales along a dimension would have to move with it.
bool hasManyScales(Type type) {
  const std::optional<Quantization> numbers = quantizationOf(type);
  return numbers && numbers->axis;
}

/// Where the shape stays the same there is nothing to do.
OpFoldResult foldIdentity(Value x, Type result) {
  return x.getType() == result ? x : OpFoldResult();
}

} // namespace

LogicalResult FlattenOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() < 2 || x.getNumElements() == 0) // C1
    return emitOptionalError(location, "'flatten' expects a batch of images, but got ",
                             shapeText(x.getShape()));
  if (hasManyScales(x)) // C2
    return emitOptionalError(location, "'flatten' expects values of one scale, but got ", x);
  types.push_back(x.clone({x.getDimSize(0), x.getNumElements() / x.getDimSize(0)}));
  return success();
}
OpFoldResult FlattenOp::fold(FoldAdaptor) { return foldIdentity(getX(), getType()); }
void FlattenOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  results[0].values = operands[0].values;
}
SmallVector<Value> FlattenOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                            ArrayRef<bool>) {
  return {viewAs(builder, getLoc(), gradients[0], getX().getType())};
}

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() < 1 || x.getNumElements() == 0)
    return emitOptionalError(location, "'reshape' expects a batch of values, but got ",
                             shapeText(x.getShape()));
  SmallVector<int64_t> shape{x.getDimSize(0)};
  int64_t known = 1, unknown = 0;
  bool positive = true;
  for (int64_t size : adaptor.getShape()) {
    shape.push_back(size);
    unknown += size == -1;
    positive &= size == -1 || size > 0;
    known *= size == -1 ? 1 : size;
  }
  if (!positive || unknown > 1) // C1
    return emitOptionalError(location,
                             "'reshape' expects positive sizes and at most one -1, but got [",
                             listText(adaptor.getShape()), "]");
  const int64_t count = x.getNumElements() / x.getDimSize(0);
  if (unknown)
    *llvm::find(shape, -1) = known && count % known == 0 ? count / known : 0;
  if (hasManyScales(x)) // C3
    return emitOptionalError(location, "'reshape' expects values of one scale, but got ", x);
  RankedTensorType type = llvm::is_contained(shape, 0) ? RankedTensorType() : x.clone(shape);
  if (!type || type.getNumElements() != x.getNumElements()) // C2
    return emitOptionalError(location, "'reshape' expects as many values as ", imageShapeText(x),
                             " has (", count, "), but the new shape holds ",
                             unknown ? "a multiple of " : "", known);
  types.push_back(type);
  return success();
}
OpFoldResult ReshapeOp::fold(FoldAdaptor) { return foldIdentity(getX(), getType()); }
void ReshapeOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  results[0].values = operands[0].values;
}
SmallVector<Value> ReshapeOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                            ArrayRef<bool>) {
  return {viewAs(builder, getLoc(), gradients[0], getX().getType())};
}

LogicalResult ViewOp::verify() { // C1
  auto from = cast<RankedTensorType>(getX().getType()), to = cast<RankedTensorType>(getType());
  if (from.getNumElements() != to.getNumElements())
    return emitOpError("expects as many elements as ") << from << " has, but got " << to;
  if (reshapedType(from, to.getShape()) != to) // C2
    return emitOpError("expects elements that stand for the same as those of ")
           << from << ", but got " << to;
  return success();
}
OpFoldResult ViewOp::fold(FoldAdaptor) {
  if (auto inner = getX().getDefiningOp<ViewOp>()) { // a view of a view
    getXMutable().assign(inner.getX());
    return getResult();
  }
  return foldIdentity(getX(), getType());
}
void ViewOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  results[0].values = operands[0].values;
}
SmallVector<Value> ViewOp::buildGradient(OpBuilder &builder, ValueRange gradients, ArrayRef<bool>) {
  return {viewAs(builder, getLoc(), gradients[0], getX().getType())};
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (x.getRank() < 1 || sorted != llvm::to_vector(llvm::seq<int64_t>(0, x.getRank() - 1))) // C1
    return emitOptionalError(location, "'transpose' expects each dimension of ", imageShapeText(x),
                             " once, but got [", listText(permutation), "]");
  if (hasManyScales(x)) // C2
    return emitOptionalError(location, "'transpose' expects values of one scale, but got ", x);
  SmallVector<int64_t> shape{x.getDimSize(0)};
  for (int64_t axis : permutation)
    shape.push_back(x.getDimSize(axis + 1));
  types.push_back(x.clone(shape));
  return success();
}
OpFoldResult TransposeOp::fold(FoldAdaptor) {
  return llvm::is_sorted(getPermutation()) ? getX() : OpFoldResult();
}
void TransposeOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  Tensor &y = results[0];
  SmallVector<int64_t> strides(x.shape.size(), 1); // of x
  for (size_t d = x.shape.size() - 1; d-- > 0;)
    strides[d] = strides[d + 1] * x.shape[d + 1];
  for (int64_t i = 0; i < y.size(); ++i) {
    int64_t rest = i, place = 0;
    for (size_t d = y.shape.size(); d-- > 0; rest /= y.shape[d])
      place += rest % y.shape[d] * strides[d == 0 ? 0 : getPermutation()[d - 1] + 1];
    y[i] = x[place];
  }
}
SmallVector<Value> TransposeOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                              ArrayRef<bool>) {
  SmallVector<int64_t> inverse(getPermutation().size());
  for (auto [i, axis] : llvm::enumerate(getPermutation()))
    inverse[axis] = static_cast<int64_t>(i);
  return {
      TransposeOp::create(builder, getLoc(), gradients[0], builder.getDenseI64ArrayAttr(inverse))};
}

} // namespace weir
