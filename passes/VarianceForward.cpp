//===- VarianceForward.cpp - moments of activations through one op ----------------------------===//
//
// Approximations, where there are any, are said at the rule. Biases and offsets start at zero and
// are left out; so is dropout, which changes no mean and leaves the images as different as they
// were.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/GaussianResponse.h"
#include "passes/VarianceRules.h"

#include "ir/Window.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>
#include <cmath>

using namespace mlir;

namespace weir {
namespace {

/// Neighbouring places of images and of their maps are at least this much alike.
constexpr double neighbourCorrelation = 0.5;

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Applies `function` to the four products of pairs.
Moments eachProduct(const Moments &x, double mean, function_ref<double(double)> function) {
  return {mean, function(x.square), function(x.within), function(x.between), function(x.apart)};
}

Moments throughActivation(Operation *op, const Moments &x) {
  const double variance = std::max(x.variance(), 0.0);
  GaussianResponse response(op, x.mean, variance);
  auto pair = [&](double product) {
    const double correlation = variance > 0 ? (product - x.mean * x.mean) / variance : 1;
    return response.covariance(correlation);
  };
  Moments y = eachProduct(x, response.mean(), pair);
  y.square = response.square();
  return y;
}

/// Weights of mean zero and independent: products of two values are multiplied by the number of
/// terms and the weights' variance.
Moments throughWeights(const MixingLayer &layer, const Moments &x) {
  const double gain = layer.terms * layer.variance;
  Moments y = eachProduct(x, 0, [&](double product) { return gain * product; });
  if (layer.places == 1)
    y.within = y.square, y.apart = y.between;
  return y;
}

/// Each channel loses its mean over batch and places and is divided by its deviation.
Moments throughBatchNorm(BatchNormOp op, const Moments &x) {
  const double places = placesOf(op.getX());
  const double batch = static_cast<double>(typeOf(op.getX()).getDimSize(0));
  const double sameImage = (x.square + (places - 1) * x.within) / places;
  const double otherImage = (x.between + (places - 1) * x.apart) / places;
  const double meanSquare = (sameImage + (batch - 1) * otherImage) / batch;
  const double divisor = std::max(x.square - meanSquare, 0.0) + op.getEpsilon().convertToDouble();
  return eachProduct(x, 0, [&](double product) { return (product - meanSquare) / divisor; });
}

/// The largest of `count` normally distributed values with `neighbourCorrelation`; expectation and
/// variance of the maximum of independent ones by Blom's formula and a fit.
Moments throughMaxPool(double count, const Moments &x) {
  if (count <= 1)
    return x;
  const double p = (count - 0.375) / (count + 0.25);
  // The normal quantile, by bisection.
  double low = 0, high = 8;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  const double shared = neighbourCorrelation, own = 1 - shared;
  const double variance = std::max(x.variance(), 0.0);
  const double mean = x.mean + std::sqrt(variance * own) * low;
  const double shrink = shared + own / (1 + 0.9 * std::log(count));
  return eachProduct(
      x, mean, [&](double product) { return mean * mean + shrink * (product - x.mean * x.mean); });
}

Moments throughAveragePool(double count, const Moments &x) {
  Moments y = x;
  const double near = std::max(x.within, x.mean * x.mean + neighbourCorrelation * x.variance());
  y.square = (x.square + (count - 1) * near) / count;
  return y;
}

/// Over all places: what remains is the same everywhere.
Moments throughGlobalAverage(double places, const Moments &x) {
  const double own = (x.square + (places - 1) * x.within) / places;
  const double other = (x.between + (places - 1) * x.apart) / places;
  return {x.mean, own, own, other, other};
}

template <typename Pool> Window poolWindow(Pool op) {
  return windowOf(op.getX().getType(),
                  {op.getKernel(), op.getStride(), op.getPadding(), {}, op.getCeilMode()});
}

/// Sum or mean over dimensions: places share what `within` says, other values their mean.
template <typename Reduce> Moments throughReduce(Reduce op, const Moments &x, bool isMean) {
  const double count = static_cast<double>(typeOf(op.getX()).getNumElements()) /
                       static_cast<double>(typeOf(op.getResult()).getNumElements());
  const bool overPlaces = count == placesOf(op.getX());
  Moments pairs = x;
  if (!overPlaces)
    pairs.within = pairs.apart = x.mean * x.mean;
  Moments y = throughGlobalAverage(count, pairs);
  const double factor = isMean ? 1 : count;
  return eachProduct(y, factor * y.mean, [&](double v) { return factor * factor * v; });
}

Moments throughConcat(ConcatOp op, ArrayRef<Moments> operands) {
  Moments y;
  const auto total = static_cast<double>(typeOf(op.getResult()).getNumElements());
  for (auto [value, x] : llvm::zip(op.getInputs(), operands)) {
    const double share = static_cast<double>(typeOf(value).getNumElements()) / total;
    y.mean += share * x.mean;
    y.square += share * x.square;
    y.within += share * x.within;
    y.between += share * x.between;
    y.apart += share * x.apart;
  }
  return y;
}

/// Independent terms; `sign` is that of the second.
Moments sum(const Moments &a, const Moments &b, double sign) {
  const double cross = 2 * sign * a.mean * b.mean;
  return {a.mean + sign * b.mean, a.square + b.square + cross, a.within + b.within + cross,
          a.between + b.between + cross, a.apart + b.apart + cross};
}

/// Independent factors.
Moments product(const Moments &a, const Moments &b) {
  return {a.mean * b.mean, a.square * b.square, a.within * b.within, a.between * b.between,
          a.apart * b.apart};
}

/// Probabilities of K classes whose logits are normally distributed: E[p p'] is about
/// exp(covariance) / K^2, and never more than 1/K.
Moments throughSoftmax(Value x, const Moments &moments) {
  const auto classes = static_cast<double>(typeOf(x).getShape().back());
  return eachProduct(moments, 1 / classes, [&](double product) {
    const double covariance = product - moments.mean * moments.mean;
    return std::min(std::exp(std::min(covariance, 50.0)) / (classes * classes), 1 / classes);
  });
}

/// A border of a constant around the image.
Moments throughPad(PadOp op, const Moments &x) {
  const double share = static_cast<double>(typeOf(op.getX()).getNumElements()) /
                       static_cast<double>(typeOf(op.getResult()).getNumElements());
  const double value = op.getValue().convertToDouble();
  return eachProduct(x, share * x.mean + (1 - share) * value,
                     [&](double product) { return share * product + (1 - share) * value * value; });
}

} // namespace

std::optional<Moments> propagate(Operation *op, ArrayRef<Moments> operands, SymbolTable &symbols) {
  if (std::optional<MixingLayer> layer = mixingLayer(op, symbols))
    return throughWeights(*layer, operands[0]);
  if (GaussianResponse::isActivation(op))
    return throughActivation(op, operands[0]);
  const auto same = [&](auto) -> std::optional<Moments> { return operands[0]; };
  return llvm::TypeSwitch<Operation *, std::optional<Moments>>(op)
      .Case([&](BatchNormOp norm) { return throughBatchNorm(norm, operands[0]); })
      .Case([&](MaxPool2dOp pool) {
        return throughMaxPool(static_cast<double>(poolWindow(pool).taps()), operands[0]);
      })
      .Case([&](AvgPool2dOp pool) {
        return throughAveragePool(static_cast<double>(poolWindow(pool).taps()), operands[0]);
      })
      .Case([&](GlobalAvgPool2dOp pool) {
        return throughGlobalAverage(placesOf(pool.getX()), operands[0]);
      })
      .Case([&](ReduceMeanOp mean) { return throughReduce(mean, operands[0], true); })
      .Case([&](ReduceSumOp sum) { return throughReduce(sum, operands[0], false); })
      .Case([&](ConcatOp concat) { return throughConcat(concat, operands); })
      .Case([&](AddOp) { return sum(operands[0], operands[1], 1); })
      .Case([&](SubOp) { return sum(operands[0], operands[1], -1); })
      .Case([&](MulOp) { return product(operands[0], operands[1]); })
      .Case([&](DivOp) -> std::optional<Moments> {
        const Moments &b = operands[1];
        if (b.square <= 0)
          return std::nullopt;
        const double inverse = 1 / b.square; // for divisors that vary little
        return product(operands[0], {b.mean * inverse, inverse, inverse, inverse, inverse});
      })
      .Case([&](SoftmaxOp softmax) { return throughSoftmax(softmax.getX(), operands[0]); })
      .Case([&](LogSoftmaxOp softmax) {
        const Moments &x = operands[0];
        const auto classes = static_cast<double>(typeOf(softmax.getX()).getShape().back());
        const double mean = -std::log(classes) - x.variance() / 2; // of normal logits
        return eachProduct(x, mean, [&](double v) { return v - x.mean * x.mean + mean * mean; });
      })
      .Case([&](PadOp pad) { return throughPad(pad, operands[0]); })
      .Case<BiasAddOp, DropoutOp, FlattenOp, ReshapeOp, TransposeOp, SliceOp, ViewOp>(same)
      .Default([](Operation *) { return std::nullopt; });
}

} // namespace weir
