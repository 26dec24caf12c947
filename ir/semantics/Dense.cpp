//===- Dense.cpp - dense: shapes, weights, reference, gradient -------------------------------===//

#include "ir/Builders.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {

/// C1 and C2 of dense.
static LogicalResult checkDense(Type x, int64_t units,
                                function_ref<InFlightDiagnostic()> emitError) {
  auto type = cast<RankedTensorType>(x);
  if (type.getRank() != 2)
    return emitError()
           << "'dense' expects an input of one dimension (call 'flatten' before it), but got "
           << imageShapeText(type);
  if (units < 1)
    return emitError() << "'dense' expects a positive number of units, but got " << units;
  return success();
}

FailureOr<SmallVector<ParameterSpec>>
DenseOp::inferParameters(TypeRange inputs, DictionaryAttr attributes,
                         function_ref<InFlightDiagnostic()> emitError) {
  int64_t units = cast<IntegerAttr>(attributes.get("units")).getInt();
  if (failed(checkDense(inputs[0], units, emitError)))
    return failure();
  auto init = attributes.getAs<StringAttr>("init");
  auto useBias = attributes.getAs<BoolAttr>("use_bias");
  int64_t features = cast<RankedTensorType>(inputs[0]).getDimSize(1);
  MLIRContext *context = attributes.getContext();
  SmallVector<ParameterSpec> parameters;
  parameters.push_back({"weight", f32Tensor(context, {features, units}), "parameter",
                        init ? init.str() : "auto", features, units});
  if (!useBias || useBias.getValue())
    parameters.push_back({"bias", f32Tensor(context, {units}), "parameter", "zeros"});
  return parameters;
}

LogicalResult DenseOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Location where = location.value_or(UnknownLoc::get(context));
  int64_t units = adaptor.getUnits();
  auto emitError = [&] { return mlir::emitError(where); };
  if (failed(checkDense(adaptor.getX().getType(), units, emitError)))
    return failure();
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  if (weight.getShape() != ArrayRef<int64_t>{x.getDimSize(1), units}) // C3
    return emitError() << "'dense' expects a weight of " << x.getDimSize(1) << "x" << units
                       << ", but got " << shapeText(weight.getShape());
  if (Value bias = adaptor.getBias(); // C4
      bias && cast<RankedTensorType>(bias.getType()).getShape() != ArrayRef<int64_t>{units})
    return emitError() << "'dense' expects a bias of " << units << ", but got "
                       << shapeText(cast<RankedTensorType>(bias.getType()).getShape());
  types.push_back(f32Tensor(context, {x.getDimSize(0), units}));
  return success();
}

int64_t DenseOp::countMacs() {
  return cast<RankedTensorType>(getWeight().getType()).getNumElements();
}

void DenseOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0], &weight = operands[1];
  Tensor &y = results[0];
  const int64_t features = weight.shape[0], units = weight.shape[1];
  for (int64_t b = 0; b < y.rows(); ++b)
    for (int64_t j = 0; j < units; ++j) {
      double sum = getBias() ? operands[2][j] : 0.0;
      for (int64_t k = 0; k < features; ++k)
        sum += x[b * features + k] * weight[k * units + j];
      y[b * units + j] = sum;
    }
}

SmallVector<Value> DenseOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                          ArrayRef<bool> wanted) {
  Value dy = gradients[0];
  SmallVector<Value> results(getNumOperands());
  if (wanted[0])
    results[0] = DenseInputGradOp::create(builder, getLoc(), dy, getWeight());
  if (wanted[1])
    results[1] = DenseWeightGradOp::create(builder, getLoc(), getX(), dy);
  if (getBias() && wanted[2])
    results[2] = SumToOp::create(builder, getLoc(), getBias().getType(), dy);
  return results;
}

LogicalResult DenseInputGradOp::inferReturnTypes(MLIRContext *context,
                                                 std::optional<Location> location, Adaptor adaptor,
                                                 SmallVectorImpl<Type> &types) {
  auto dy = cast<RankedTensorType>(adaptor.getDy().getType());
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  if (dy.getRank() != 2 || weight.getRank() != 2 || dy.getDimSize(1) != weight.getDimSize(1))
    return emitOptionalError(location,
                             "'dense_input_grad' expects [batch, units] and [features, units]");
  types.push_back(f32Tensor(context, {dy.getDimSize(0), weight.getDimSize(0)}));
  return success();
}

void DenseInputGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0], &weight = operands[1];
  const int64_t features = weight.shape[0], units = weight.shape[1];
  for (int64_t b = 0; b < dy.rows(); ++b)
    for (int64_t k = 0; k < features; ++k)
      for (int64_t j = 0; j < units; ++j)
        results[0][b * features + k] += dy[b * units + j] * weight[k * units + j];
}

LogicalResult DenseWeightGradOp::inferReturnTypes(MLIRContext *context,
                                                  std::optional<Location> location, Adaptor adaptor,
                                                  SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto dy = cast<RankedTensorType>(adaptor.getDy().getType());
  if (x.getRank() != 2 || dy.getRank() != 2 || x.getDimSize(0) != dy.getDimSize(0))
    return emitOptionalError(location,
                             "'dense_weight_grad' expects [batch, features] and [batch, units]");
  types.push_back(f32Tensor(context, {x.getDimSize(1), dy.getDimSize(1)}));
  return success();
}

void DenseWeightGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0], &dy = operands[1];
  const int64_t features = x.shape[1], units = dy.shape[1];
  for (int64_t b = 0; b < x.rows(); ++b)
    for (int64_t k = 0; k < features; ++k)
      for (int64_t j = 0; j < units; ++j)
        results[0][k * units + j] += x[b * features + k] * dy[b * units + j];
}

} // namespace weir
