//===- Broadcast.cpp - add, mul and their gradient's sum_to ----------------------------------===//

#include "ir/Builders.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// C1 and C2 of add and mul: the common shape.
LogicalResult inferBroadcast(StringRef name, std::optional<Location> location, Type a, Type b,
                             SmallVectorImpl<Type> &types) {
  auto left = cast<RankedTensorType>(a), right = cast<RankedTensorType>(b);
  bool fits = left.getRank() == right.getRank();
  SmallVector<int64_t> shape;
  if (fits)
    for (auto [l, r] : llvm::zip(left.getShape(), right.getShape())) {
      fits &= l == r || l == 1 || r == 1;
      shape.push_back(l == 1 ? r : l);
    }
  if (!fits)
    return emitOptionalError(location, "'", name,
                             "' expects two equal shapes (or sizes of 1), but got ",
                             imageShapeText(left), " and ", imageShapeText(right));
  types.push_back(RankedTensorType::get(shape, left.getElementType()));
  return success();
}

/// Row-major index into a tensor of `shape`, aligned at the last dimension and repeated where its
/// size is 1, for row-major index `i` of `full`.
int64_t broadcastIndex(int64_t i, ArrayRef<int64_t> full, ArrayRef<int64_t> shape) {
  int64_t index = 0, stride = 1;
  for (size_t back = 1; back <= shape.size(); ++back) {
    const int64_t extent = full[full.size() - back], own = shape[shape.size() - back];
    index += (own == 1 ? 0 : i % extent) * stride;
    stride *= own;
    i /= extent;
  }
  return index;
}

void broadcast(ArrayRef<Tensor> operands, Tensor &y,
               function_ref<double(double, double)> function) {
  const Tensor &a = operands[0], &b = operands[1];
  for (int64_t i = 0; i < y.size(); ++i)
    y[i] = function(a[broadcastIndex(i, y.shape, a.shape)], b[broadcastIndex(i, y.shape, b.shape)]);
}

/// `gradient` summed back to the shape of `operand`.
Value sumTo(OpBuilder &builder, Location location, Value gradient, Value operand) {
  if (gradient.getType() == operand.getType())
    return gradient;
  return SumToOp::create(builder, location, operand.getType(), gradient);
}

} // namespace

LogicalResult AddOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferBroadcast("add", location, adaptor.getA().getType(), adaptor.getB().getType(), types);
}
void AddOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  broadcast(operands, results[0], [](double a, double b) { return a + b; });
}
SmallVector<Value> AddOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                        ArrayRef<bool> wanted) {
  SmallVector<Value> results(2);
  for (auto [i, operand] : llvm::enumerate(getOperands()))
    if (wanted[i])
      results[i] = sumTo(builder, getLoc(), gradients[0], operand);
  return results;
}

LogicalResult MulOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferBroadcast("mul", location, adaptor.getA().getType(), adaptor.getB().getType(), types);
}
void MulOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  broadcast(operands, results[0], [](double a, double b) { return a * b; });
}
SmallVector<Value> MulOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                        ArrayRef<bool> wanted) {
  SmallVector<Value> results(2);
  for (auto [i, operand] : llvm::enumerate(getOperands()))
    if (wanted[i]) {
      Value other = getOperand(1 - i);
      Value product = MulOp::create(builder, getLoc(), gradients[0], other);
      results[i] = sumTo(builder, getLoc(), product, operand);
    }
  return results;
}

LogicalResult SumToOp::verify() {
  auto from = cast<RankedTensorType>(getX().getType()), to = cast<RankedTensorType>(getType());
  bool fits = to.getRank() <= from.getRank(); // C1
  if (fits)                                   // C2
    for (auto [f, t] : llvm::zip(llvm::reverse(from.getShape()), llvm::reverse(to.getShape())))
      fits &= t == f || t == 1;
  return fits ? success()
              : emitOpError("expects a shape that broadcasts to ") << from << ", but got " << to;
}
void SumToOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  for (int64_t i = 0; i < x.size(); ++i)
    results[0][broadcastIndex(i, x.shape, results[0].shape)] += x[i];
}

} // namespace weir
