//===- Quantization.cpp - quantize, requantize, dequantize: shapes, reference -----------------===//

#include "ir/Builders.h"
#include "ir/semantics/QuantizedArithmetic.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// C1 of quantize and requantize.
LogicalResult checkShape(Operation *op) {
  auto from = cast<RankedTensorType>(op->getOperand(0).getType()),
       to = cast<RankedTensorType>(op->getResult(0).getType());
  if (from.getShape() == to.getShape())
    return success();
  return op->emitOpError("expects a result of ")
         << shapeText(from.getShape()) << ", but got " << shapeText(to.getShape());
}

/// True where scales along a dimension are along the last one.
bool isOfChannels(Type type) {
  const std::optional<Quantization> numbers = quantizationOf(type);
  return !numbers || !numbers->axis || *numbers->axis + 1 == cast<RankedTensorType>(type).getRank();
}

} // namespace

LogicalResult QuantizeOp::verify() { return checkShape(*this); }
void QuantizeOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Quantization to = *quantizationOf(getType());
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0][i] = quantized(operands[0][i], to);
}

LogicalResult RequantizeOp::verify() {
  if (failed(checkShape(*this)))
    return failure();
  if (!isOfChannels(getX().getType())) // C2
    return emitOpError("expects scales along the last dimension, but got ") << getX().getType();
  return success();
}
OpFoldResult RequantizeOp::fold(FoldAdaptor) {
  return getX().getType() == getType() ? getX() : OpFoldResult();
}
void RequantizeOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Quantization from = *quantizationOf(getX().getType()), to = *quantizationOf(getType());
  const Tensor x = centred(operands[0], getX().getType());
  const int64_t channels = x.columns();
  for (int64_t i = 0; i < x.size(); ++i)
    results[0][i] = storedInteger(scaled(x[i], from.scale(i % channels) / to.scales[0]), to);
}

LogicalResult DequantizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type x = adaptor.getX().getType();
  if (!isOfChannels(x)) // C1
    return emitOptionalError(location,
                             "'dequantize' expects scales along the last dimension, but got ", x);
  types.push_back(expressedType(cast<RankedTensorType>(x)));
  return success();
}
void DequantizeOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Quantization from = *quantizationOf(getX().getType());
  const Tensor x = centred(operands[0], getX().getType());
  const int64_t channels = x.columns();
  for (int64_t i = 0; i < x.size(); ++i)
    results[0][i] = scaled(x[i], from.scale(i % channels));
}

} // namespace weir
