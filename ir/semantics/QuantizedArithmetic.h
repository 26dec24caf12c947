//===- QuantizedArithmetic.h - the integer arithmetic of quantized ops, step by step ----------===//
//
// What the reference semantics of quantized ops share. Tensors hold float64; here each step is
// rounded to what it is in a kernel: integers are exact, everything else is f32, ties go to even.
// The f32 of a float64 product or sum of two f32 is the f32 product or sum.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Quantization.h"
#include "ir/Reference.h"

#include <algorithm>
#include <cmath>

namespace weir {

inline double roundToF32(double value) { return static_cast<float>(value); }

/// The stored integer of a value that is `steps` (an f32) steps away from 0.
inline double storedInteger(double steps, const Quantization &type) {
  const double rounded = std::nearbyint(steps) + static_cast<double>(type.zeroPoint);
  return std::min(std::max(rounded, static_cast<double>(type.low)), static_cast<double>(type.high));
}

/// The stored integer of `x / scale`.
inline double quantized(double x, const Quantization &type, int64_t channel = 0) {
  return storedInteger(roundToF32(roundToF32(x) / roundToF32(type.scale(channel))), type);
}

/// `integer` (its zero point taken off) times an f32 factor, in f32.
inline double scaled(double integer, double factor) {
  return roundToF32(roundToF32(integer) * roundToF32(factor));
}

/// `tensor` without its zero point; of real numbers: itself.
inline reference::Tensor centred(const reference::Tensor &tensor, mlir::Type type) {
  reference::Tensor result = tensor;
  if (std::optional<Quantization> numbers = quantizationOf(type); numbers && numbers->zeroPoint)
    for (double &value : result.values)
      value -= static_cast<double>(numbers->zeroPoint);
  return result;
}

} // namespace weir
