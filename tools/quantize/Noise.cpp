//===- Noise.cpp - see Noise.h ---------------------------------------------------------------===//

#include "tools/quantize/Noise.h"

#include "passes/Observe.h"

#include <cmath>

using namespace mlir;

namespace weir {

double LayerNoise::decibels() const {
  return noise == 0 ? INFINITY : 10 * std::log10(std::max(signal, 1e-300) / noise);
}

//===------------------------------------------------------------------------------------------===//
// Measuring
//===------------------------------------------------------------------------------------------===//

/// For each layer of `exact` the last one of `quantized` with its path: behind the rounding.
static std::vector<std::optional<size_t>> sameLayers(const Variant &exact,
                                                     const Variant &quantized) {
  llvm::StringMap<size_t> byPath;
  for (const auto &[index, layer] : llvm::enumerate(quantized.layers()))
    byPath[layer.path] = index;
  std::vector<std::optional<size_t>> same;
  for (const ObservedLayer &layer : exact.layers()) {
    auto found = byPath.find(layer.path);
    const bool fits = found != byPath.end() &&
                      quantized.layers()[found->second].elementsOfOne() == layer.elementsOfOne();
    same.push_back(fits ? std::optional(found->second) : std::nullopt);
  }
  return same;
}

std::vector<std::optional<LayerNoise>> measureNoise(Variant &exact, Variant &quantized,
                                                    const Dataset &images, uint64_t count) {
  const std::vector<std::optional<size_t>> same = sameLayers(exact, quantized);
  std::vector<std::optional<LayerNoise>> result(same.size());
  for (size_t i = 0; i < same.size(); ++i)
    if (same[i])
      result[i].emplace();
  uint64_t first = 0;
  exact.observe(images, 0, std::min(count, images.count()), [&](const Variant::Batch &batch) {
    // The quantized net's batches may be smaller.
    std::vector<size_t> done(same.size());
    quantized.observe(images, first, batch.count, [&](const Variant::Batch &part) {
      for (size_t i = 0; i < same.size(); ++i) {
        if (!same[i])
          continue;
        for (float other : part.values[*same[i]]) {
          const double x = batch.values[i][done[i]++];
          result[i]->signal += x * x;
          result[i]->noise += (x - other) * (x - other);
        }
      }
    });
    first += batch.count;
  });
  return result;
}

//===------------------------------------------------------------------------------------------===//
// Whose noise it is
//===------------------------------------------------------------------------------------------===//

namespace {

class NoiseWalk {
public:
  NoiseWalk(func::FuncOp function, ArrayRef<std::optional<LayerNoise>> noise) {
    for (const auto &[value, measured] : llvm::zip_equal(observedValues(function), noise))
      if (measured)
        ratios[value] = measured->ratio();
  }

  /// The noise of the nearest values at or before `value`, the largest where several join.
  double before(Value value) {
    if (auto known = ratios.find(value); known != ratios.end())
      return known->second;
    if (auto known = joined.find(value); known != joined.end())
      return known->second;
    double largest = 0;
    if (Operation *op = value.getDefiningOp())
      for (Value operand : op->getOperands())
        largest = std::max(largest, before(operand));
    return joined[value] = largest;
  }

  /// The noise of the nearest value at or behind `value`, along its first readers.
  double behind(Value value) {
    for (;;) {
      if (auto known = ratios.find(value); known != ratios.end())
        return known->second;
      if (value.use_empty() || (*value.user_begin())->getNumResults() == 0)
        return 0;
      // Users stand in reverse order of their making.
      Operation *first = *value.user_begin();
      for (Operation *user : value.getUsers())
        if (user->isBeforeInBlock(first))
          first = user;
      if (first->getNumResults() == 0)
        return 0;
      value = first->getResult(0);
    }
  }

private:
  llvm::DenseMap<Value, double> ratios; // measured
  llvm::DenseMap<Value, double> joined; // of values that were not
};

} // namespace

/// The noise of an image in 8 bits, about: what is less, is none of a layer's.
static constexpr double leastRatio = 1e-5;

std::vector<LayerSensitivity> sensitivities(func::FuncOp function,
                                            ArrayRef<std::optional<LayerNoise>> noise) {
  NoiseWalk walk(function, noise);
  std::vector<LayerSensitivity> layers;
  for (Operation &op : function.getBody().front())
    if (isa<Conv2dOp, DepthwiseConv2dOp, DenseOp>(op))
      layers.push_back({layerPath(op.getLoc()),
                        10 * std::log10(std::max(walk.behind(op.getResult(0)), leastRatio) /
                                        std::max(walk.before(op.getOperand(0)), leastRatio))});
  return layers;
}

std::optional<std::string> mostSensitive(ArrayRef<LayerSensitivity> layers,
                                         ArrayRef<std::string> kept) {
  const LayerSensitivity *most = nullptr;
  for (const LayerSensitivity &layer : layers)
    if (!llvm::is_contained(kept, layer.path) && (!most || layer.lostDecibels > most->lostDecibels))
      most = &layer;
  return most ? std::optional(most->path) : std::nullopt;
}

} // namespace weir
