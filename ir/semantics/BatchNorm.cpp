//===- BatchNorm.cpp - batch_norm and its statistics: shapes, weights, reference, gradient
//
// Two forms: with the batch's own statistics (training), and with running averages (inference),
// where it is an affine map that fold-batch-norm takes away.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/semantics/Weights.h"

#include <cmath>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// C1 to C3 of batch_norm.
LogicalResult checkBatchNorm(Type x, double momentum, double epsilon,
                             function_ref<InFlightDiagnostic()> emitError) {
  auto type = cast<RankedTensorType>(x);
  if (type.getRank() < 2)
    return emitError() << "'batch_norm' expects a batch of values, but got "
                       << shapeText(type.getShape());
  if (!(momentum >= 0 && momentum <= 1))
    return emitError() << "'batch_norm' expects a momentum from 0 to 1, but got "
                       << numberText(momentum);
  if (!(epsilon > 0 && std::isfinite(epsilon)))
    return emitError() << "'batch_norm' expects a positive epsilon, but got "
                       << numberText(epsilon);
  return success();
}

/// C5 of batch_norm: of one value, the variance is 0 and the gradient vanishes.
LogicalResult checkBatch(RankedTensorType x, function_ref<InFlightDiagnostic()> emitError) {
  const int64_t channels = x.getShape().back();
  if (channels == 0 || x.getNumElements() / channels >= 2)
    return success();
  InFlightDiagnostic error = emitError();
  error
      << "'batch_norm' expects at least two values per channel while training, but got a batch of "
      << x.getDimSize(0);
  if (x.getRank() > 2)
    error << " of " << shapeText(x.getShape().drop_front().drop_back()) << " maps";
  return error;
}

/// Mean and variance of each channel of `x`.
void computeStatistics(const Tensor &x, Tensor &mean, Tensor &variance) {
  const int64_t channels = x.columns();
  const auto count = static_cast<double>(x.rows());
  for (int64_t i = 0; i < x.size(); ++i)
    mean[i % channels] += x[i] / count;
  for (int64_t i = 0; i < x.size(); ++i) {
    const double difference = x[i] - mean[i % channels];
    variance[i % channels] += difference * difference / count;
  }
}

/// `1 / sqrt(variance + epsilon)` of each channel.
std::vector<double> inverseDeviations(const Tensor &variance, const APFloat &epsilon) {
  std::vector<double> inverse;
  for (double value : variance.values)
    inverse.push_back(1 / std::sqrt(value + epsilon.convertToDouble()));
  return inverse;
}

/// The type of one number for each channel of `x`.
RankedTensorType channelType(Type x) {
  auto type = cast<RankedTensorType>(x);
  return f32Tensor(type.getContext(), type.getShape().take_back());
}

/// Whether all of `operands`, the per-channel operands of `name`, are [channels].
LogicalResult checkChannels(StringRef name, Type x, ValueRange operands,
                            function_ref<InFlightDiagnostic()> emitError) {
  const RankedTensorType expected = channelType(x);
  for (Value operand : operands)
    if (operand.getType() != expected)
      return emitError() << "'" << name << "' expects one number for each of "
                         << expected.getDimSize(0) << " channels, but got "
                         << shapeText(cast<RankedTensorType>(operand.getType()).getShape());
  return success();
}

double numberOr(DictionaryAttr attributes, StringRef name, double otherwise) {
  auto attribute = attributes.getAs<FloatAttr>(name);
  return attribute ? attribute.getValueAsDouble() : otherwise;
}

} // namespace

FailureOr<SmallVector<ParameterSpec>>
BatchNormOp::inferParameters(TypeRange inputs, DictionaryAttr attributes,
                             function_ref<InFlightDiagnostic()> emitError) {
  if (failed(checkBatchNorm(inputs[0], numberOr(attributes, "momentum", 0.1),
                            numberOr(attributes, "epsilon", 1e-5), emitError)))
    return failure();
  const RankedTensorType type = channelType(inputs[0]);
  SmallVector<ParameterSpec> parameters;
  parameters.push_back({"scale", type, "parameter", "ones"});
  parameters.push_back({"offset", type, "parameter", "zeros"});
  parameters.push_back({"mean", type, "statistic", "zeros"});
  parameters.push_back({"variance", type, "statistic", "ones"});
  return parameters;
}

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Location where = location.value_or(UnknownLoc::get(context));
  auto emitError = [&] { return mlir::emitError(where); };
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (failed(checkBatchNorm(x, adaptor.getMomentum().convertToDouble(),
                            adaptor.getEpsilon().convertToDouble(), emitError)) ||
      failed(checkChannels("batch_norm", x, adaptor.getOperands().drop_front(), emitError))) // C4
    return failure();
  if (adaptor.getTraining() && failed(checkBatch(x, emitError))) // C5
    return failure();
  types.push_back(x);
  return success();
}

int64_t BatchNormOp::countMacs() { return 0; }

void BatchNormOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0], &scale = operands[1], &offset = operands[2];
  Tensor mean = operands[3], variance = operands[4];
  if (getTraining()) {
    mean = Tensor(mean.shape), variance = Tensor(variance.shape);
    computeStatistics(x, mean, variance);
  }
  const std::vector<double> inverse = inverseDeviations(variance, getEpsilon());
  for (int64_t i = 0; i < x.size(); ++i) {
    const int64_t c = i % x.columns();
    results[0][i] = (x[i] - mean[c]) * inverse[c] * scale[c] + offset[c];
  }
}

/// While training, mean and variance must be the batch's (expand-batch-norm comes first): the
/// gradient through them is part of that of x, so they get none of their own. In inference they are
/// constants.
SmallVector<Value> BatchNormOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                              ArrayRef<bool> wanted) {
  Value dy = gradients[0];
  SmallVector<Value> results(getNumOperands());
  BatchNormSumsOp sums;
  if (wanted[1] || wanted[2] || (wanted[0] && getTraining()))
    sums = BatchNormSumsOp::create(builder, getLoc(), dy, getX(), getMean(), getVariance(),
                                   getEpsilonAttr());
  if (wanted[0] && getTraining()) {
    results[0] = BatchNormInputGradOp::create(
        builder, getLoc(), getX().getType(), dy, getX(), getScale(), getMean(), getVariance(),
        sums.getScaleGrad(), sums.getOffsetGrad(), getEpsilonAttr());
  } else if (wanted[0]) {
    Value zeros =
        FillOp::create(builder, getLoc(), getMean().getType(), builder.getF64FloatAttr(0));
    results[0] = BatchNormOp::create(builder, getLoc(), dy, getScale(), zeros, zeros, getVariance(),
                                     getMomentumAttr(), getEpsilonAttr(), getTrainingAttr());
  }
  if (wanted[1])
    results[1] = sums.getScaleGrad();
  if (wanted[2])
    results[2] = sums.getOffsetGrad();
  return results;
}

LogicalResult BatchStatsOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() < 2)
    return emitOptionalError(location, "'batch_stats' expects a batch of values, but got ",
                             shapeText(x.getShape()));
  types.assign(2, channelType(x));
  return success();
}

void BatchStatsOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  computeStatistics(operands[0], results[0], results[1]);
}

void RunningAverageOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double momentum = getMomentum().convertToDouble();
  const double correction = getCorrection().convertToDouble();
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0][i] = (1 - momentum) * operands[0][i] + momentum * correction * operands[1][i];
}

LogicalResult BatchNormSumsOp::inferReturnTypes(MLIRContext *context,
                                                std::optional<Location> location, Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  Location where = location.value_or(UnknownLoc::get(context));
  auto emitError = [&] { return mlir::emitError(where); };
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto dy = cast<RankedTensorType>(adaptor.getDy().getType());
  if (x.getRank() < 2 || dy != x)
    return emitError() << "'batch_norm_sums' expects dy of x's shape " << shapeText(x.getShape())
                       << " of rank 2 or more, but got " << shapeText(dy.getShape());
  if (failed(checkChannels("batch_norm_sums", x, {adaptor.getMean(), adaptor.getVariance()},
                           emitError)))
    return failure();
  types.assign(2, channelType(x));
  return success();
}

void BatchNormSumsOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0], &x = operands[1], &mean = operands[2];
  const std::vector<double> inverse = inverseDeviations(operands[3], getEpsilon());
  for (int64_t i = 0; i < x.size(); ++i) {
    const int64_t c = i % x.columns();
    results[0][c] += dy[i] * (x[i] - mean[c]) * inverse[c];
    results[1][c] += dy[i];
  }
}

LogicalResult BatchNormInputGradOp::verify() {
  auto emitError = [&] { return mlir::emitError(getLoc()); };
  auto x = cast<RankedTensorType>(getX().getType());
  if (x.getRank() < 2)
    return emitError() << "'batch_norm_input_grad' expects a batch of values, but got "
                       << shapeText(x.getShape());
  return checkChannels("batch_norm_input_grad", x, getOperands().drop_front(2), emitError); // C1
}

void BatchNormInputGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0], &x = operands[1], &scale = operands[2], &mean = operands[3];
  const Tensor &scaleGrad = operands[5], &offsetGrad = operands[6];
  const std::vector<double> inverse = inverseDeviations(operands[4], getEpsilon());
  const auto count = static_cast<double>(x.rows());
  for (int64_t i = 0; i < x.size(); ++i) {
    const int64_t c = i % x.columns();
    const double normal = (x[i] - mean[c]) * inverse[c];
    const double through = (offsetGrad[c] + normal * scaleGrad[c]) / count;
    results[0][i] = scale[c] * inverse[c] * (dy[i] - through);
  }
}

} // namespace weir
