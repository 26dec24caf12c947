//===- Convolution.cpp - conv2d: shapes, weights, reference, gradient -------------------------===//
//
// Depthwise.cpp is its sibling with one kernel for each channel; Patches.cpp has what
// lower-convolutions makes of both.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/semantics/QuantizedProducts.h"
#include "ir/semantics/Taps.h"
#include "ir/semantics/Weights.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// What decides the shapes of a conv2d.
struct Convolution {
  WindowAttributes window;
  int64_t filters, groups;
};

/// C4 of conv2d.
LogicalResult checkGroups(int64_t channels, const Convolution &conv,
                          function_ref<InFlightDiagnostic()> emitError) {
  if (conv.filters < 1)
    return emitError() << "'conv2d' expects a positive number of filters, but got " << conv.filters;
  if (conv.groups < 1)
    return emitError() << "'conv2d' expects a positive number of groups, but got " << conv.groups;
  if (channels % conv.groups != 0)
    return emitError() << "'conv2d' expects channels divisible by groups, but got channels = "
                       << channels << ", groups = " << conv.groups;
  if (conv.filters % conv.groups != 0)
    return emitError() << "'conv2d' expects filters divisible by groups, but got filters = "
                       << conv.filters << ", groups = " << conv.groups;
  return success();
}

/// C1 to C4 of conv2d.
FailureOr<Window> checkConvolution(Type x, const Convolution &conv,
                                   function_ref<InFlightDiagnostic()> emitError) {
  FailureOr<Window> window = resolveWindow("conv2d", x, conv.window, emitError);
  if (failed(window))
    return failure();
  if (failed(checkGroups(cast<RankedTensorType>(x).getDimSize(3), conv, emitError)))
    return failure();
  return window;
}

/// Sizes of the innermost loops, from the weight [kernel height, kernel width, channels / groups,
/// filters].
struct Group {
  int64_t count, inputs, outputs; ///< channels of one group

  Group(int64_t groups, ArrayRef<int64_t> weight)
      : count(groups), inputs(weight[2]), outputs(weight[3] / groups) {}
};

/// Calls `visit(x, weight, y)` with the offsets of the rows of one group's `outputs` filters that
/// one input value is multiplied with: over all windows, taps, groups and channels.
template <typename Visit>
void forEachRow(const Window &window, int64_t batch, Group group, Visit visit) {
  const int64_t channels = group.count * group.inputs, filters = group.count * group.outputs;
  forEachTap(window, batch, [&](int64_t output, int64_t input, int64_t tap) {
    for (int64_t g = 0; g < group.count; ++g)
      for (int64_t c = 0; c < group.inputs; ++c)
        visit(input * channels + g * group.inputs + c,
              (tap * group.inputs + c) * filters + g * group.outputs,
              output * filters + g * group.outputs);
  });
}

/// The shapes of the three tensors of a convolution agree: what its gradient ops check.
LogicalResult checkGradient(StringRef name, Value x, Value weight, Value dy, int64_t groups,
                            WindowAttributes attributes,
                            function_ref<InFlightDiagnostic()> emitError) {
  auto image = cast<RankedTensorType>(x.getType()),
       kernel = cast<RankedTensorType>(weight.getType());
  if (kernel.getRank() != 4 || groups < 1)
    return emitError() << "'" << name << "' expects a weight of rank 4 and a positive number of "
                       << "groups, but got " << shapeText(kernel.getShape()) << " and " << groups;
  attributes.kernel = kernel.getShape().take_front(2);
  FailureOr<Window> window = resolveWindow(name, image, attributes, emitError);
  if (failed(window))
    return failure();
  if (image.getDimSize(3) != kernel.getDimSize(2) * groups || kernel.getDimSize(3) % groups != 0)
    return emitError() << "'" << name << "' expects a weight for " << image.getDimSize(3)
                       << " channels in groups = " << groups << ", but got "
                       << shapeText(kernel.getShape());
  const int64_t expected[] = {image.getDimSize(0), window->vertical.output,
                              window->horizontal.output, kernel.getDimSize(3)};
  return checkParameter(name, "dy", dy, expected, emitError);
}

} // namespace

FailureOr<SmallVector<ParameterSpec>>
Conv2dOp::inferParameters(TypeRange inputs, DictionaryAttr attributes,
                          function_ref<InFlightDiagnostic()> emitError) {
  const Convolution conv{windowAttributes(attributes),
                         attributes.getAs<IntegerAttr>("filters").getInt(),
                         integerOr(attributes, "groups", 1)};
  FailureOr<Window> window = checkConvolution(inputs[0], conv, emitError);
  if (failed(window))
    return failure();
  const int64_t channels = cast<RankedTensorType>(inputs[0]).getDimSize(3);
  const int64_t shape[] = {window->vertical.kernel, window->horizontal.kernel,
                           channels / conv.groups, conv.filters};
  return weightAndBias(attributes, shape, conv.filters, window->taps() * shape[2],
                       window->taps() * conv.filters / conv.groups);
}

LogicalResult Conv2dOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Location where = location.value_or(UnknownLoc::get(context));
  auto emitError = [&] { return mlir::emitError(where); };
  const Convolution conv{
      {adaptor.getKernel(), adaptor.getStride(), adaptor.getPadding(), adaptor.getDilation()},
      static_cast<int64_t>(adaptor.getFilters()),
      static_cast<int64_t>(adaptor.getGroups())};
  FailureOr<Window> window = checkConvolution(adaptor.getX().getType(), conv, emitError);
  if (failed(window))
    return failure();
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  const int64_t weight[] = {window->vertical.kernel, window->horizontal.kernel,
                            x.getDimSize(3) / conv.groups, conv.filters};
  if (failed(checkParameter("conv2d", "weight", adaptor.getWeight(), weight, emitError)) || // C5
      failed(checkParameter("conv2d", "bias", adaptor.getBias(), conv.filters, emitError)))
    return failure();
  FailureOr<RankedTensorType> type = productType(
      "conv2d", adaptor.getX(), adaptor.getWeight(), adaptor.getBias(),
      {x.getDimSize(0), window->vertical.output, window->horizontal.output, conv.filters},
      window->taps() * weight[2], emitError); // C6
  if (failed(type))
    return failure();
  types.push_back(*type);
  return success();
}

int64_t Conv2dOp::countMacs() {
  const int64_t positions = getType().getDimSize(1) * getType().getDimSize(2);
  return positions * cast<RankedTensorType>(getWeight().getType()).getNumElements();
}

void Conv2dOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor image = centred(operands[0], getX().getType());
  const double *x = image.values.data(), *weight = operands[1].values.data();
  double *y = results[0].values.data();
  const Group group(getGroups(), operands[1].shape);
  if (getBias())
    for (int64_t i = 0; i < results[0].size(); ++i)
      y[i] = operands[2][i % results[0].columns()];
  const Window window =
      windowOf(getX().getType(), {getKernel(), getStride(), getPadding(), getDilation()});
  forEachRow(window, operands[0].shape[0], group, [&](int64_t in, int64_t row, int64_t out) {
    for (int64_t o = 0; o < group.outputs; ++o)
      y[out + o] += x[in] * weight[row + o];
  });
}

SmallVector<Value> Conv2dOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                           ArrayRef<bool> wanted) {
  Value dy = gradients[0];
  SmallVector<Value> results(getNumOperands());
  if (wanted[0])
    results[0] = Conv2dInputGradOp::create(builder, getLoc(), getX().getType(), dy, getWeight(),
                                           getStrideAttr(), getPaddingAttr(), getDilationAttr(),
                                           getGroupsAttr());
  if (wanted[1])
    results[1] = Conv2dWeightGradOp::create(builder, getLoc(), getWeight().getType(), getX(), dy,
                                            getStrideAttr(), getPaddingAttr(), getDilationAttr(),
                                            getGroupsAttr());
  if (getBias() && wanted[2])
    results[2] = SumToOp::create(builder, getLoc(), getBias().getType(), dy);
  return results;
}

LogicalResult Conv2dInputGradOp::verify() {
  return checkGradient("conv2d_input_grad", getResult(), getWeight(), getDy(), getGroups(),
                       {{}, getStride(), getPadding(), getDilation()},
                       [&] { return mlir::emitError(getLoc()); });
}

void Conv2dInputGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double *dy = operands[0].values.data(), *weight = operands[1].values.data();
  double *dx = results[0].values.data();
  ArrayRef<int64_t> kernel = operands[1].shape;
  const Group group(getGroups(), kernel);
  const Window window =
      windowOf(getType(), {kernel.take_front(2), getStride(), getPadding(), getDilation()});
  forEachRow(window, results[0].shape[0], group, [&](int64_t in, int64_t row, int64_t out) {
    for (int64_t o = 0; o < group.outputs; ++o)
      dx[in] += dy[out + o] * weight[row + o];
  });
}

LogicalResult Conv2dWeightGradOp::verify() {
  return checkGradient("conv2d_weight_grad", getX(), getResult(), getDy(), getGroups(),
                       {{}, getStride(), getPadding(), getDilation()},
                       [&] { return mlir::emitError(getLoc()); });
}

void Conv2dWeightGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double *x = operands[0].values.data(), *dy = operands[1].values.data();
  double *dw = results[0].values.data();
  ArrayRef<int64_t> kernel = results[0].shape;
  const Group group(getGroups(), kernel);
  const Window window =
      windowOf(getX().getType(), {kernel.take_front(2), getStride(), getPadding(), getDilation()});
  forEachRow(window, operands[0].shape[0], group, [&](int64_t in, int64_t row, int64_t out) {
    for (int64_t o = 0; o < group.outputs; ++o)
      dw[row + o] += x[in] * dy[out + o];
  });
}

} // namespace weir
