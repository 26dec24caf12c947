//===- Shapes.cpp - flatten, reshape, view: same values, other shape -------------------------===//

#include "ir/Builders.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

Value viewAs(OpBuilder &builder, Location location, Value value, Type type) {
  return ViewOp::create(builder, location, type, value);
}

/// Where the shape stays the same there is nothing to do.
OpFoldResult foldIdentity(Value x, Type result) {
  return x.getType() == result ? x : OpFoldResult();
}

} // namespace

LogicalResult FlattenOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() < 2 || x.getNumElements() == 0) // C1
    return emitOptionalError(location, "'flatten' expects a batch of images, but got ",
                             shapeText(x.getShape()));
  types.push_back(f32Tensor(context, {x.getDimSize(0), x.getNumElements() / x.getDimSize(0)}));
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

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
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
    return emitOptionalError(
        location, "'reshape' expects positive sizes and at most one -1, but got [",
        llvm::join(llvm::map_range(adaptor.getShape(), [](int64_t s) { return std::to_string(s); }),
                   ", "),
        "]");
  const int64_t count = x.getNumElements() / x.getDimSize(0);
  if (unknown)
    *llvm::find(shape, -1) = known && count % known == 0 ? count / known : 0;
  RankedTensorType type = llvm::is_contained(shape, 0) ? nullptr : f32Tensor(context, shape);
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

} // namespace weir
