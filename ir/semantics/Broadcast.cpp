//===- Broadcast.cpp - arithmetic, bias_add, scale, sum_to, broadcast_to ---------------------===//

#include "ir/Builders.h"
#include "ir/semantics/QuantizedArithmetic.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// C1 and C2 of add, sub, mul and div: the common shape.
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

Value negated(OpBuilder &builder, Location location, Value value) {
  return ScaleOp::create(builder, location, value, builder.getF64FloatAttr(-1));
}

} // namespace

LogicalResult AddOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type a = adaptor.getA().getType(), b = adaptor.getB().getType();
  if (isQuantized(a) != isQuantized(b)) // C3
    return emitOptionalError(location,
                             "'add' expects operands that are both quantized or both not,"
                             " but got ",
                             a, " and ", b);
  return inferBroadcast("add", location, a, b, types);
}
bool AddOp::isCompatibleReturnTypes(TypeRange inferred, TypeRange actual) { // C3
  auto one = cast<RankedTensorType>(inferred[0]), other = cast<RankedTensorType>(actual[0]);
  return inferred == actual || (one.getShape() == other.getShape() && isQuantized(one) &&
                                isQuantizedValue(other.getElementType()));
}
void AddOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const std::optional<Quantization> to = quantizationOf(getType());
  if (!to)
    return broadcast(operands, results[0], [](double a, double b) { return a + b; });
  const Quantization a = *quantizationOf(getA().getType()), b = *quantizationOf(getB().getType());
  const Tensor integers[] = {centred(operands[0], getA().getType()),
                             centred(operands[1], getB().getType())};
  broadcast(integers, results[0], [&](double left, double right) {
    const double steps =
        scaled(left, a.scales[0] / to->scales[0]) + scaled(right, b.scales[0] / to->scales[0]);
    return storedInteger(roundToF32(steps), *to);
  });
}
SmallVector<Value> AddOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                        ArrayRef<bool> wanted) {
  SmallVector<Value> results(2);
  for (auto [i, operand] : llvm::enumerate(getOperands()))
    if (wanted[i])
      results[i] = sumTo(builder, getLoc(), gradients[0], operand);
  return results;
}

LogicalResult SubOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferBroadcast("sub", location, adaptor.getA().getType(), adaptor.getB().getType(), types);
}
void SubOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  broadcast(operands, results[0], [](double a, double b) { return a - b; });
}
SmallVector<Value> SubOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                        ArrayRef<bool> wanted) {
  SmallVector<Value> results(2);
  if (wanted[0])
    results[0] = sumTo(builder, getLoc(), gradients[0], getA());
  if (wanted[1]) // summed first, where there may be less to negate
    results[1] = negated(builder, getLoc(), sumTo(builder, getLoc(), gradients[0], getB()));
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

LogicalResult DivOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferBroadcast("div", location, adaptor.getA().getType(), adaptor.getB().getType(), types);
}
void DivOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  broadcast(operands, results[0], [](double a, double b) { return a / b; });
}
SmallVector<Value> DivOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                        ArrayRef<bool> wanted) {
  SmallVector<Value> results(2);
  if (!wanted[0] && !wanted[1])
    return results;
  Value quotient = DivOp::create(builder, getLoc(), gradients[0], getB()); // dy / b
  if (wanted[0])
    results[0] = sumTo(builder, getLoc(), quotient, getA());
  if (wanted[1]) { // -dy / b * y
    Value product = MulOp::create(builder, getLoc(), quotient, getResult());
    results[1] = negated(builder, getLoc(), sumTo(builder, getLoc(), product, getB()));
  }
  return results;
}

FailureOr<SmallVector<ParameterSpec>>
BiasAddOp::inferParameters(TypeRange inputs, DictionaryAttr attributes,
                           function_ref<InFlightDiagnostic()> emitError) {
  auto x = cast<RankedTensorType>(inputs[0]);
  if (x.getRank() < 2) // C1
    return emitError() << "'bias_add' expects a batch of values with channels, but got "
                       << shapeText(x.getShape());
  RankedTensorType type = f32Tensor(attributes.getContext(), x.getShape().take_back());
  return SmallVector<ParameterSpec>{{"bias", type, "parameter", "zeros"}};
}
int64_t BiasAddOp::countMacs() { return 0; }
LogicalResult BiasAddOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto bias = cast<RankedTensorType>(adaptor.getBias().getType());
  if (x.getRank() < 2) // C1
    return emitOptionalError(location,
                             "'bias_add' expects a batch of values with channels, but got ",
                             shapeText(x.getShape()));
  if (bias.getShape() != x.getShape().take_back()) // C2
    return emitOptionalError(location, "'bias_add' expects a bias of ", x.getShape().back(),
                             ", but got ", shapeText(bias.getShape()));
  const std::optional<Quantization> sums = quantizationOf(x), own = quantizationOf(bias);
  if (sums.has_value() != own.has_value() || (sums && sums->scales != own->scales)) // C3
    return emitOptionalError(location, "'bias_add' expects a bias of the scales of ", x,
                             ", but got ", bias);
  types.push_back(x);
  return success();
}
void BiasAddOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  broadcast(operands, results[0], [](double x, double bias) { return x + bias; });
}
SmallVector<Value> BiasAddOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                            ArrayRef<bool> wanted) {
  SmallVector<Value> results(2);
  if (wanted[0])
    results[0] = gradients[0];
  if (wanted[1])
    results[1] = sumTo(builder, getLoc(), gradients[0], getBias());
  return results;
}

void ScaleOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double factor = getFactor().convertToDouble();
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0][i] = factor * operands[0][i];
}

LogicalResult BroadcastToOp::verify() {
  auto from = cast<RankedTensorType>(getX().getType()), to = cast<RankedTensorType>(getType());
  bool fits = from.getRank() == to.getRank(); // C1
  if (fits)                                   // C2
    for (auto [f, t] : llvm::zip(from.getShape(), to.getShape()))
      fits &= f == t || f == 1;
  return fits ? success()
              : emitOpError("expects a shape that ") << from << " broadcasts to, but got " << to;
}
void BroadcastToOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  Tensor &y = results[0];
  for (int64_t i = 0; i < y.size(); ++i)
    y[i] = operands[0][broadcastIndex(i, y.shape, operands[0].shape)];
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
