//===- Depthwise.cpp - depthwise_conv2d: shapes, weights, reference, gradient -----------------===//
//
// Each channel has kernels of its own, `multiplier` of them; see Convolution.cpp for the general
// one.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/semantics/QuantizedProducts.h"
#include "ir/semantics/Taps.h"
#include "ir/semantics/Weights.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// C1 to C4 of depthwise_conv2d.
FailureOr<Window> checkDepthwise(Type x, const WindowAttributes &attributes, int64_t multiplier,
                                 function_ref<InFlightDiagnostic()> emitError) {
  FailureOr<Window> window = resolveWindow("depthwise_conv2d", x, attributes, emitError);
  if (failed(window))
    return failure();
  if (multiplier < 1) {
    emitError() << "'depthwise_conv2d' expects a positive multiplier, but got " << multiplier;
    return failure();
  }
  return window;
}

/// Calls `visit(x, weight, y)` with the offsets of the rows of `multiplier` values that one input
/// value is multiplied with: over all windows, taps and channels of the image.
template <typename Visit>
void forEachRow(const Window &window, ArrayRef<int64_t> image, int64_t multiplier, Visit visit) {
  const int64_t batch = image[0], channels = image[3];
  forEachTap(window, batch, [&](int64_t output, int64_t input, int64_t tap) {
    for (int64_t c = 0; c < channels; ++c)
      visit(input * channels + c, (tap * channels + c) * multiplier,
            (output * channels + c) * multiplier);
  });
}

/// The shapes of the three tensors of a convolution agree: what its gradient ops check.
LogicalResult checkGradient(StringRef name, Value x, Value weight, Value dy,
                            WindowAttributes attributes,
                            function_ref<InFlightDiagnostic()> emitError) {
  auto image = cast<RankedTensorType>(x.getType());
  auto kernel = cast<RankedTensorType>(weight.getType());
  if (kernel.getRank() != 3)
    return emitError() << "'" << name << "' expects a weight of rank 3, but got "
                       << shapeText(kernel.getShape());
  attributes.kernel = kernel.getShape().take_front(2);
  FailureOr<Window> window = resolveWindow(name, image, attributes, emitError);
  if (failed(window))
    return failure();
  if (image.getDimSize(3) == 0 || kernel.getDimSize(2) % image.getDimSize(3) != 0)
    return emitError() << "'" << name << "' expects a weight for " << image.getDimSize(3)
                       << " channels, but got " << shapeText(kernel.getShape());
  const int64_t expected[] = {image.getDimSize(0), window->vertical.output,
                              window->horizontal.output, kernel.getDimSize(2)};
  return checkParameter(name, "dy", dy, expected, emitError);
}

} // namespace

FailureOr<SmallVector<ParameterSpec>>
DepthwiseConv2dOp::inferParameters(TypeRange inputs, DictionaryAttr attributes,
                                   function_ref<InFlightDiagnostic()> emitError) {
  const int64_t multiplier = integerOr(attributes, "multiplier", 1);
  FailureOr<Window> window =
      checkDepthwise(inputs[0], windowAttributes(attributes), multiplier, emitError);
  if (failed(window))
    return failure();
  const int64_t channels = cast<RankedTensorType>(inputs[0]).getDimSize(3);
  const int64_t shape[] = {window->vertical.kernel, window->horizontal.kernel,
                           channels * multiplier};
  return weightAndBias(attributes, shape, channels * multiplier, window->taps(),
                       window->taps() * multiplier);
}

LogicalResult DepthwiseConv2dOp::inferReturnTypes(MLIRContext *context,
                                                  std::optional<Location> location, Adaptor adaptor,
                                                  SmallVectorImpl<Type> &types) {
  Location where = location.value_or(UnknownLoc::get(context));
  auto emitError = [&] { return mlir::emitError(where); };
  const auto multiplier = static_cast<int64_t>(adaptor.getMultiplier());
  FailureOr<Window> window = checkDepthwise(
      adaptor.getX().getType(),
      {adaptor.getKernel(), adaptor.getStride(), adaptor.getPadding(), adaptor.getDilation()},
      multiplier, emitError);
  if (failed(window))
    return failure();
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  const int64_t channels = x.getDimSize(3), outputs = channels * multiplier;
  const int64_t weight[] = {window->vertical.kernel, window->horizontal.kernel, outputs};
  if (failed(checkParameter("depthwise_conv2d", "weight", adaptor.getWeight(), weight,
                            emitError)) || // C5
      failed(checkParameter("depthwise_conv2d", "bias", adaptor.getBias(), outputs, emitError)))
    return failure();
  FailureOr<RankedTensorType> type =
      productType("depthwise_conv2d", adaptor.getX(), adaptor.getWeight(), adaptor.getBias(),
                  {x.getDimSize(0), window->vertical.output, window->horizontal.output, outputs},
                  window->taps(), emitError); // C6
  if (failed(type))
    return failure();
  types.push_back(*type);
  return success();
}

int64_t DepthwiseConv2dOp::countMacs() {
  const int64_t positions = getType().getDimSize(1) * getType().getDimSize(2);
  return positions * cast<RankedTensorType>(getWeight().getType()).getNumElements();
}

void DepthwiseConv2dOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor x = centred(operands[0], getX().getType());
  const Tensor &weight = operands[1];
  Tensor &y = results[0];
  if (getBias())
    for (int64_t i = 0; i < y.size(); ++i)
      y[i] = operands[2][i % y.columns()];
  const Window window =
      windowOf(getX().getType(), {getKernel(), getStride(), getPadding(), getDilation()});
  const auto multiplier = static_cast<int64_t>(getMultiplier());
  forEachRow(window, x.shape, multiplier, [&](int64_t in, int64_t row, int64_t out) {
    for (int64_t q = 0; q < multiplier; ++q)
      y[out + q] += x[in] * weight[row + q];
  });
}

SmallVector<Value> DepthwiseConv2dOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                                    ArrayRef<bool> wanted) {
  Value dy = gradients[0];
  SmallVector<Value> results(getNumOperands());
  if (wanted[0])
    results[0] = DepthwiseInputGradOp::create(builder, getLoc(), getX().getType(), dy, getWeight(),
                                              getStrideAttr(), getPaddingAttr(), getDilationAttr());
  if (wanted[1])
    results[1] =
        DepthwiseWeightGradOp::create(builder, getLoc(), getWeight().getType(), getX(), dy,
                                      getStrideAttr(), getPaddingAttr(), getDilationAttr());
  if (getBias() && wanted[2])
    results[2] = SumToOp::create(builder, getLoc(), getBias().getType(), dy);
  return results;
}

LogicalResult DepthwiseInputGradOp::verify() {
  return checkGradient("depthwise_input_grad", getResult(), getWeight(), getDy(),
                       {{}, getStride(), getPadding(), getDilation()},
                       [&] { return mlir::emitError(getLoc()); });
}

void DepthwiseInputGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0], &weight = operands[1];
  Tensor &dx = results[0];
  ArrayRef<int64_t> shape = weight.shape;
  const Window window =
      windowOf(getType(), {shape.take_front(2), getStride(), getPadding(), getDilation()});
  const int64_t multiplier = dy.columns() / dx.columns();
  forEachRow(window, dx.shape, multiplier, [&](int64_t in, int64_t row, int64_t out) {
    for (int64_t q = 0; q < multiplier; ++q)
      dx[in] += dy[out + q] * weight[row + q];
  });
}

LogicalResult DepthwiseWeightGradOp::verify() {
  return checkGradient("depthwise_weight_grad", getX(), getResult(), getDy(),
                       {{}, getStride(), getPadding(), getDilation()},
                       [&] { return mlir::emitError(getLoc()); });
}

void DepthwiseWeightGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0], &dy = operands[1];
  Tensor &dw = results[0];
  ArrayRef<int64_t> shape = dw.shape;
  const Window window =
      windowOf(getX().getType(), {shape.take_front(2), getStride(), getPadding(), getDilation()});
  const int64_t multiplier = dy.columns() / x.columns();
  forEachRow(window, x.shape, multiplier, [&](int64_t in, int64_t row, int64_t out) {
    for (int64_t q = 0; q < multiplier; ++q)
      dw[row + q] += x[in] * dy[out + q];
  });
}

} // namespace weir
