//===- QuantizedRange.h - the 8-bit scale and zero point of a range of real numbers ----------===//
//
// Calibration finds the range that a value has, `quantize` makes a type of it: both ask here, so
// that the error which a method of calibration minimises is the error that the net has. No MLIR.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace weir {

/// `real = (q - zeroPoint) * scale` for q in 0..255.
struct AffineU8 {
  double scale;      ///< a float's value, positive
  int64_t zeroPoint; ///< 0..255; it stands for exactly 0
};

/// The finest u8 numbers that reach from `low` to `high`, both finite. The range is widened to
/// contain 0, which padding, ReLU and sparse data need exactly; rounding the zero point moves its
/// ends by half a step at most. A range of nothing but 0 gets the scale 1.
inline AffineU8 affineU8(double low, double high) {
  low = std::min(low, 0.0);
  high = std::max(high, 0.0);
  if (low == high)
    return {1.0, 0};
  // Kernels multiply in f32: the type says the very number that they have.
  const double scale =
      std::clamp<double>(static_cast<float>((high - low) / 255.0),
                         std::numeric_limits<float>::min(), std::numeric_limits<float>::max());
  return {scale, std::clamp<int64_t>(std::llrint(-low / scale), 0, 255)};
}

} // namespace weir
