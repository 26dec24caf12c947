//===- VarianceBackward.cpp - moments of gradients through one op -----------------------------===//
//
// The transposes of the forward rules. Gradients of different images are independent, those of
// different values of a row as well (random weights mixed them).
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/GaussianResponse.h"
#include "passes/VarianceRules.h"

#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>
#include <cmath>

using namespace mlir;

namespace weir {
namespace {

using Gradients = SmallVector<GradientMoments>;

double elements(Value value) {
  return static_cast<double>(cast<RankedTensorType>(value.getType()).getNumElements());
}

/// Each output value reaches its terms' inputs through weights of this variance.
GradientMoments throughWeights(const MixingLayer &layer, GradientMoments g) {
  const double gain = layer.outputs * layer.terms / layer.inputs * layer.variance;
  return {gain * g.square, layer.places == 1 ? 0 : gain * g.within};
}

GradientMoments throughActivation(Operation *op, const Moments &x, GradientMoments g) {
  const double variance = std::max(x.variance(), 0.0);
  GaussianResponse response(op, x.mean, variance);
  const double correlation = variance > 0 ? (x.within - x.mean * x.mean) / variance : 1;
  return {response.slopeSquare() * g.square, response.slopeCovariance(correlation) * g.within};
}

/// The batch's mean of the gradient is taken away, and the rest divided by the deviation.
GradientMoments throughBatchNorm(BatchNormOp op, const Moments &x, GradientMoments g) {
  const double places = placesOf(op.getX());
  const auto batch = static_cast<double>(cast<RankedTensorType>(op.getX().getType()).getDimSize(0));
  const double sameImage = (x.square + (places - 1) * x.within) / places;
  const double otherImage = (x.between + (places - 1) * x.apart) / places;
  const double meanSquare = (sameImage + (batch - 1) * otherImage) / batch;
  const double divisor = std::max(x.square - meanSquare, 0.0) + op.getEpsilon().convertToDouble();
  const double common = (g.square + (places - 1) * g.within) / (places * batch);
  return {std::max(g.square - common, 0.0) / divisor, (g.within - common) / divisor};
}

/// `input` values share the gradient of fewer (or more) `output` values; energy is kept when each
/// goes to one place, and divided by `spread` when it is split over so many.
GradientMoments throughPool(Value input, Value output, double spread, GradientMoments g) {
  const double ratio = elements(output) / elements(input);
  return {ratio * g.square / spread, ratio * ratio * g.within};
}

GradientMoments throughGlobalAverage(double places, GradientMoments g) {
  const double square = g.square / (places * places);
  return {square, square};
}

} // namespace

SmallVector<GradientMoments> propagateBack(Operation *op, ArrayRef<Moments> operands,
                                           GradientMoments g, SymbolTable &symbols) {
  if (std::optional<MixingLayer> layer = mixingLayer(op, symbols))
    return {throughWeights(*layer, g)};
  if (GaussianResponse::isActivation(op))
    return {throughActivation(op, operands[0], g)};
  const auto same = [&](auto) -> Gradients { return {g}; };
  return llvm::TypeSwitch<Operation *, Gradients>(op)
      .Case([&](BatchNormOp norm) -> Gradients { return {throughBatchNorm(norm, operands[0], g)}; })
      .Case([&](MaxPool2dOp pool) -> Gradients {
        return {throughPool(pool.getX(), pool.getResult(), 1, g)};
      })
      .Case([&](AvgPool2dOp pool) -> Gradients {
        double taps = 1;
        for (int64_t size : pool.getKernel())
          taps *= static_cast<double>(pool.getKernel().size() == 1 ? size * size : size);
        return {throughPool(pool.getX(), pool.getResult(), taps, g)};
      })
      .Case([&](GlobalAvgPool2dOp pool) -> Gradients {
        return {throughGlobalAverage(placesOf(pool.getX()), g)};
      })
      .Case([&](ReduceMeanOp mean) -> Gradients {
        return {throughGlobalAverage(elements(mean.getX()) / elements(mean.getResult()), g)};
      })
      .Case([&](ReduceSumOp) -> Gradients { return {{g.square, g.square}}; })
      .Case([&](ConcatOp concat) -> Gradients { return Gradients(concat.getInputs().size(), g); })
      .Case<AddOp, SubOp>([&](auto) -> Gradients { return {g, g}; })
      .Case([&](MulOp) -> Gradients {
        const Moments &a = operands[0], &b = operands[1];
        return {{g.square * b.square, g.within * b.within},
                {g.square * a.square, g.within * a.within}};
      })
      .Case([&](DivOp) -> Gradients {
        const Moments &a = operands[0], &b = operands[1];
        const double toDivisor = a.square / (b.square * b.square);
        return {{g.square / b.square, g.within / b.square},
                {g.square * toDivisor, g.within * toDivisor}};
      })
      .Case([&](SoftmaxOp softmax) -> Gradients {
        const double classes =
            static_cast<double>(cast<RankedTensorType>(softmax.getX().getType()).getShape().back());
        return {{g.square / (classes * classes), g.within / (classes * classes)}};
      })
      .Case([&](SliceOp slice) -> Gradients {
        const double share = elements(slice.getResult()) / elements(slice.getX());
        return {{share * g.square, share * g.within}};
      })
      .Case<LogSoftmaxOp, PadOp, BiasAddOp, DropoutOp, FlattenOp, ReshapeOp, TransposeOp, ViewOp>(
          same)
      .Default([](Operation *) { return Gradients(); });
}

} // namespace weir
