// Sums over weights; see Movement.h.
#include "runtime/Movement.h"

#include <algorithm>
#include <cmath>

namespace weir {

static bool startsAtRandom(const Variable &variable) {
  const std::string &kind = variable.initializer.kind;
  return variable.trainable && variable.shape.size() >= 2 && kind != "zeros" && kind != "ones" &&
         kind != "constant";
}

// The outputs of the layer: the last extent, and for a depthwise weight [kh, kw, c, multiplier] the
// last two.
static uint64_t unitsOf(const Variable &variable, const Layer *layer) {
  const std::vector<uint64_t> &shape = variable.shape;
  const bool depthwise = layer && layer->op == "depthwise_conv2d" && shape.size() == 4;
  return shape.back() * (depthwise ? shape[2] : 1);
}

// The bias beside a weight: another variable of the layer with one value per unit.
static const Variable *biasOf(const Manifest &manifest, const Layer *layer, uint64_t units) {
  for (const Variable &variable : manifest.variables)
    if (layer && variable.trainable && variable.shape.size() == 1 && variable.elements == units &&
        manifest.layerOf(variable) == layer)
      return &variable;
  return nullptr;
}

static const float *valuesOf(const Variable &variable, const uint8_t *block) {
  return reinterpret_cast<const float *>(block + variable.offset);
}

static LayerMovement measure(const Manifest &manifest, const Variable &weight,
                             const uint8_t *before, const uint8_t *after, uint64_t steps) {
  const Layer *layer = manifest.layerOf(weight);
  LayerMovement result;
  result.weight = &weight;
  result.units = unitsOf(weight, layer);
  const size_t units = size_t(result.units);
  // Products of floats are exact in double, so that an unchanged unit's change is exactly 0.
  std::vector<double> old(units), both(units), now(units);
  const float *from = valuesOf(weight, before), *to = valuesOf(weight, after);
  for (uint64_t row = 0; row < weight.elements; row += units)
    for (size_t unit = 0; unit < units; ++unit) {
      const double a = from[row + unit], b = to[row + unit];
      old[unit] += a * a, both[unit] += a * b, now[unit] += b * b;
    }

  const Variable *bias = biasOf(manifest, layer, result.units);
  const float *biasFrom = bias ? valuesOf(*bias, before) : nullptr;
  const float *biasTo = bias ? valuesOf(*bias, after) : nullptr;
  double change = 0, size = 0;
  for (size_t unit = 0; unit < units; ++unit) {
    // The squared sine of the angle between before and after. 1e-11 is an angle of 3e-6: some steps
    // of rounding turn a vector by 5e-7, the smallest gradient that matters by far more.
    const double turned = 1 - both[unit] * both[unit] / std::max(old[unit] * now[unit], 1e-300);
    bool still = turned < 1e-11 && now[unit] <= old[unit] * (1 + 1e-6);
    if (still && bias) {
      const double shrink = std::sqrt(now[unit] / std::max(old[unit], 1e-300));
      const double a = biasFrom[unit], b = biasTo[unit], tolerance = 1e-5 * std::fabs(a);
      still = std::fabs(b - a) <= tolerance || std::fabs(b - a * shrink) <= tolerance;
    }
    result.still += still;
    if (!still) {
      change += old[unit] - 2 * both[unit] + now[unit];
      size += old[unit];
    }
  }
  if (size > 0)
    result.ratio = std::sqrt(std::max(0.0, change) / size) / double(std::max<uint64_t>(1, steps));
  return result;
}

std::vector<LayerMovement> measureMovement(const Manifest &manifest, const uint8_t *before,
                                           const uint8_t *after, uint64_t steps) {
  std::vector<LayerMovement> result;
  for (const Variable &variable : manifest.variables)
    if (startsAtRandom(variable))
      result.push_back(measure(manifest, variable, before, after, steps));
  return result;
}

} // namespace weir
