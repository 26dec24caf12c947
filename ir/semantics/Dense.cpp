//===- Dense.cpp - dense: shapes, weights, reference, gradient -------------------------------===//

#include "ir/semantics/QuantizedProducts.h"
#include "ir/semantics/Weights.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {

/// C2 of dense.
static LogicalResult checkUnits(int64_t units, function_ref<InFlightDiagnostic()> emitError) {
  if (units < 1)
    return emitError() << "'dense' expects a positive number of units, but got " << units;
  return success();
}

/// `type` with another last dimension.
static RankedTensorType withColumns(RankedTensorType type, int64_t columns) {
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = columns;
  return f32Tensor(type.getContext(), shape);
}

/// C1 in the language: a user who calls dense on images has forgotten `flatten`.
FailureOr<SmallVector<ParameterSpec>>
DenseOp::inferParameters(TypeRange inputs, DictionaryAttr attributes,
                         function_ref<InFlightDiagnostic()> emitError) {
  auto x = cast<RankedTensorType>(inputs[0]);
  const int64_t units = attributes.getAs<IntegerAttr>("units").getInt();
  if (x.getRank() != 2) {
    emitError() << "'dense' expects an input of one dimension (call 'flatten' before it), but got "
                << imageShapeText(x);
    return failure();
  }
  if (failed(checkUnits(units, emitError)))
    return failure();
  return weightAndBias(attributes, {x.getDimSize(1), units}, units, x.getDimSize(1), units);
}

LogicalResult DenseOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                        Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Location where = location.value_or(UnknownLoc::get(context));
  auto emitError = [&] { return mlir::emitError(where); };
  const auto units = static_cast<int64_t>(adaptor.getUnits());
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() < 2) // C1
    return emitError() << "'dense' expects a batch of values, but got " << shapeText(x.getShape());
  const int64_t features = x.getShape().back();
  if (failed(checkUnits(units, emitError)) ||
      failed(checkParameter("dense", "weight", adaptor.getWeight(), {features, units},
                            emitError)) ||                                          // C3
      failed(checkParameter("dense", "bias", adaptor.getBias(), units, emitError))) // C4
    return failure();
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = units;
  FailureOr<RankedTensorType> type =
      productType("dense", adaptor.getX(), adaptor.getWeight(), adaptor.getBias(), shape, features,
                  emitError); // C5 to C8
  if (failed(type))
    return failure();
  types.push_back(*type);
  return success();
}

int64_t DenseOp::countMacs() {
  auto y = cast<RankedTensorType>(getType());
  const int64_t rows = y.getNumElements() / (y.getDimSize(0) * y.getShape().back());
  return rows * cast<RankedTensorType>(getWeight().getType()).getNumElements();
}

void DenseOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor x = centred(operands[0], getX().getType());
  const Tensor &weight = operands[1];
  Tensor &y = results[0];
  const int64_t features = weight.shape[0], units = weight.shape[1];
  for (int64_t b = 0; b < y.rows(); ++b) {
    double *row = &y[b * units];
    for (int64_t j = 0; j < units; ++j)
      row[j] = getBias() ? operands[2][j] : 0.0;
    for (int64_t k = 0; k < features; ++k)
      for (int64_t j = 0; j < units; ++j)
        row[j] += x[b * features + k] * weight[k * units + j];
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

LogicalResult DenseInputGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                 Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto dy = cast<RankedTensorType>(adaptor.getDy().getType());
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  if (dy.getRank() < 2 || weight.getRank() != 2 || dy.getShape().back() != weight.getDimSize(1))
    return emitOptionalError(
        location, "'dense_input_grad' expects [batch, units] and [features, units], but got ",
        shapeText(dy.getShape()), " and ", shapeText(weight.getShape()));
  types.push_back(withColumns(dy, weight.getDimSize(0)));
  return success();
}

void DenseInputGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0], &weight = operands[1];
  const int64_t features = weight.shape[0], units = weight.shape[1];
  for (int64_t b = 0; b < dy.rows(); ++b)
    for (int64_t k = 0; k < features; ++k) {
      double sum = 0;
      for (int64_t j = 0; j < units; ++j)
        sum += dy[b * units + j] * weight[k * units + j];
      results[0][b * features + k] = sum;
    }
}

LogicalResult DenseWeightGradOp::inferReturnTypes(MLIRContext *context,
                                                  std::optional<Location> location, Adaptor adaptor,
                                                  SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto dy = cast<RankedTensorType>(adaptor.getDy().getType());
  if (x.getRank() < 2 || dy.getRank() < 2 || x.getShape().drop_back() != dy.getShape().drop_back())
    return emitOptionalError(
        location, "'dense_weight_grad' expects [batch, features] and [batch, units], but got ",
        shapeText(x.getShape()), " and ", shapeText(dy.getShape()));
  types.push_back(f32Tensor(context, {x.getShape().back(), dy.getShape().back()}));
  return success();
}

void DenseWeightGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0], &dy = operands[1];
  const int64_t features = x.columns(), units = dy.columns();
  for (int64_t b = 0; b < x.rows(); ++b)
    for (int64_t k = 0; k < features; ++k) {
      double *row = &results[0][k * units];
      for (int64_t j = 0; j < units; ++j)
        row[j] += x[b * features + k] * dy[b * units + j];
    }
}

} // namespace weir
