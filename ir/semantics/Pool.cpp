//===- Pool.cpp - max_pool2d, avg_pool2d, global_avg_pool2d: shapes, reference, gradients ----===//

#include "ir/Builders.h"
#include "ir/semantics/QuantizedArithmetic.h"
#include "ir/semantics/Taps.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// The window of a pool or of its gradient; pools have no dilation.
template <typename Pool> WindowAttributes windowAttributes(Pool pool) {
  return {pool.getKernel(), pool.getStride(), pool.getPadding(), {}, pool.getCeilMode()};
}

/// C1 to C4 of the pools.
FailureOr<Window> checkPool(StringRef name, Type x, const WindowAttributes &attributes,
                            function_ref<InFlightDiagnostic()> emitError) {
  FailureOr<Window> window = resolveWindow(name, x, attributes, emitError);
  if (failed(window))
    return failure();
  for (const WindowAxis &axis : {window->vertical, window->horizontal})
    if (axis.before >= axis.kernel || axis.after >= axis.kernel) { // C4
      emitError() << "'" << name
                  << "' expects a padding smaller than the kernel, but got padding = "
                  << std::max(axis.before, axis.after) << ", kernel = " << axis.kernel;
      return failure();
    }
  return window;
}

SmallVector<int64_t> resultShape(Type x, const Window &window) {
  auto type = cast<RankedTensorType>(x);
  return {type.getDimSize(0), window.vertical.output, window.horizontal.output, type.getDimSize(3)};
}

/// The shape rule of max_pool2d and avg_pool2d: the type of result 0.
template <typename Adaptor>
FailureOr<RankedTensorType> inferPool(StringRef name, MLIRContext *context,
                                      std::optional<Location> location, Adaptor adaptor) {
  Location where = location.value_or(UnknownLoc::get(context));
  Type x = adaptor.getX().getType();
  FailureOr<Window> window =
      checkPool(name, x, windowAttributes(adaptor), [&] { return mlir::emitError(where); });
  if (failed(window))
    return failure();
  return cast<RankedTensorType>(x).clone(resultShape(x, *window));
}

/// C1 of the pools' gradients.
template <typename Grad> LogicalResult checkGradient(StringRef name, Grad grad) {
  auto emitError = [&] { return mlir::emitError(grad.getLoc()); };
  FailureOr<Window> window = checkPool(name, grad.getType(), windowAttributes(grad), emitError);
  if (failed(window))
    return failure();
  const SmallVector<int64_t> expected = resultShape(grad.getType(), *window);
  for (Value operand : grad->getOperands())
    if (auto type = cast<RankedTensorType>(operand.getType());
        type.getShape() != ArrayRef(expected))
      return emitError() << "'" << name << "' expects operands of " << shapeText(expected)
                         << ", but got " << shapeText(type.getShape());
  return success();
}

/// The positions of output `i`'s window that an average is divided by.
int64_t countPositions(const WindowAxis &axis, int64_t i, bool includePadding) {
  const int64_t begin = i * axis.stride - axis.before, end = begin + axis.kernel;
  if (includePadding)
    return std::min(end, axis.input + axis.after) - begin;
  return std::min(end, axis.input) - std::max<int64_t>(begin, 0);
}

/// C5 of avg_pool2d: the inferred type, or another scale for quantized values.
bool isTypeOfAverage(TypeRange inferred, TypeRange actual) {
  auto one = cast<RankedTensorType>(inferred[0]), other = cast<RankedTensorType>(actual[0]);
  return inferred == actual || (one.getShape() == other.getShape() && isQuantized(one) &&
                                isQuantizedValue(other.getElementType()));
}

/// What each output position of an average is divided by, row-major.
std::vector<double> averageCounts(const Window &window, bool includePadding) {
  std::vector<double> counts;
  for (int64_t i = 0; i < window.vertical.output; ++i)
    for (int64_t j = 0; j < window.horizontal.output; ++j)
      counts.push_back(static_cast<double>(countPositions(window.vertical, i, includePadding) *
                                           countPositions(window.horizontal, j, includePadding)));
  return counts;
}

/// Turns sums of quantized values, their zero point taken off, into averages: one count for each
/// position, row-major over all channels of all positions of all images.
void averageSums(Tensor &y, ArrayRef<double> counts, Type from, Type to) {
  const Quantization x = *quantizationOf(from), type = *quantizationOf(to);
  for (int64_t i = 0; i < y.size(); ++i) {
    const double count = counts[i / y.columns() % counts.size()];
    y[i] = storedInteger(scaled(y[i], x.scales[0] / (count * type.scales[0])), type);
  }
}

} // namespace

LogicalResult MaxPool2dOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  FailureOr<RankedTensorType> type = inferPool("max_pool2d", context, location, adaptor);
  if (failed(type))
    return failure();
  types.push_back(*type);
  types.push_back(RankedTensorType::get(type->getShape(), IntegerType::get(context, 32)));
  return success();
}

void MaxPool2dOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  Tensor &y = results[0], &index = results[1];
  llvm::fill(index.values, -1); // nothing seen yet
  const int64_t channels = x.columns();
  const Window window = windowOf(getX().getType(), windowAttributes(*this));
  forEachTap(window, x.shape[0], [&](int64_t output, int64_t input, int64_t tap) {
    for (int64_t c = 0; c < channels; ++c) {
      const double value = x[input * channels + c];
      const int64_t at = output * channels + c;
      if (index[at] >= 0 && !(value > y[at]))
        continue;
      y[at] = value;
      index[at] = static_cast<double>(tap);
    }
  });
}

SmallVector<Value> MaxPool2dOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                              ArrayRef<bool>) {
  return {MaxPool2dGradOp::create(builder, getLoc(), getX().getType(), gradients[0], getIndex(),
                                  getKernelAttr(), getStrideAttr(), getPaddingAttr(),
                                  getCeilModeAttr())};
}

LogicalResult MaxPool2dGradOp::verify() { return checkGradient("max_pool2d_grad", *this); }

void MaxPool2dGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0], &index = operands[1];
  Tensor &dx = results[0];
  const int64_t channels = dx.columns();
  const Window window = windowOf(getType(), windowAttributes(*this));
  forEachTap(window, dx.shape[0], [&](int64_t output, int64_t input, int64_t tap) {
    for (int64_t c = 0; c < channels; ++c)
      if (index[output * channels + c] == static_cast<double>(tap))
        dx[input * channels + c] += dy[output * channels + c];
  });
}

LogicalResult AvgPool2dOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  FailureOr<RankedTensorType> type = inferPool("avg_pool2d", context, location, adaptor);
  if (failed(type))
    return failure();
  types.push_back(*type);
  return success();
}

void AvgPool2dOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor x = centred(operands[0], getX().getType());
  Tensor &y = results[0];
  const int64_t channels = x.columns();
  const Window window = windowOf(getX().getType(), windowAttributes(*this));
  const std::vector<double> counts = averageCounts(window, getCountIncludePad());
  const bool integers = isQuantized(getType());
  forEachTap(window, x.shape[0], [&](int64_t output, int64_t input, int64_t) {
    const double count = integers ? 1 : counts[output % counts.size()];
    for (int64_t c = 0; c < channels; ++c)
      y[output * channels + c] += x[input * channels + c] / count;
  });
  if (integers)
    averageSums(y, counts, getX().getType(), getType());
}
bool AvgPool2dOp::isCompatibleReturnTypes(TypeRange inferred, TypeRange actual) {
  return isTypeOfAverage(inferred, actual);
}

SmallVector<Value> AvgPool2dOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                              ArrayRef<bool>) {
  return {AvgPool2dGradOp::create(builder, getLoc(), getX().getType(), gradients[0],
                                  getKernelAttr(), getStrideAttr(), getPaddingAttr(),
                                  getCeilModeAttr(), getCountIncludePadAttr())};
}

LogicalResult AvgPool2dGradOp::verify() { return checkGradient("avg_pool2d_grad", *this); }

void AvgPool2dGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0];
  Tensor &dx = results[0];
  const int64_t channels = dx.columns();
  const Window window = windowOf(getType(), windowAttributes(*this));
  const std::vector<double> counts = averageCounts(window, getCountIncludePad());
  forEachTap(window, dx.shape[0], [&](int64_t output, int64_t input, int64_t) {
    for (int64_t c = 0; c < channels; ++c)
      dx[input * channels + c] += dy[output * channels + c] / counts[output % counts.size()];
  });
}

LogicalResult GlobalAvgPool2dOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                                  Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() != 4) // C1
    return emitOptionalError(
        location, "'global_avg_pool2d' expects images of height x width x channels, but got ",
        imageShapeText(x));
  types.push_back(x.clone({x.getDimSize(0), x.getDimSize(3)}));
  return success();
}
bool GlobalAvgPool2dOp::isCompatibleReturnTypes(TypeRange inferred, TypeRange actual) {
  return isTypeOfAverage(inferred, actual); // C2
}

void GlobalAvgPool2dOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor x = centred(operands[0], getX().getType());
  const int64_t channels = x.columns(), positions = x.shape[1] * x.shape[2];
  const auto count = static_cast<double>(positions);
  const bool integers = isQuantized(getType());
  for (int64_t i = 0; i < x.size(); ++i)
    results[0][i / (positions * channels) * channels + i % channels] +=
        x[i] / (integers ? 1 : count);
  if (integers)
    averageSums(results[0], count, getX().getType(), getType());
}

SmallVector<Value> GlobalAvgPool2dOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                                    ArrayRef<bool>) {
  auto x = cast<RankedTensorType>(getX().getType());
  const int64_t batch = x.getDimSize(0), channels = x.getDimSize(3);
  const double share = 1.0 / static_cast<double>(x.getDimSize(1) * x.getDimSize(2));
  Value pixel = ViewOp::create(builder, getLoc(), f32Tensor(getContext(), {batch, 1, 1, channels}),
                               gradients[0]);
  Value image = BroadcastToOp::create(builder, getLoc(), x, pixel);
  return {ScaleOp::create(builder, getLoc(), x, image, builder.getF64FloatAttr(share))};
}

} // namespace weir
