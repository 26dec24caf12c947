//===- CalibrationMethods.h - from what was seen to the range that 8 bits shall cover --------===//
//
// Four rules, pure functions of a histogram. Before: Histogram.h. After: the range becomes a scale
// and a zero point (ir/QuantizedRange.h), which all of them measure by.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/quantize/Histogram.h"

#include "llvm/Support/Error.h"

#include <string>

namespace weir {

struct CalibrationMethod {
  /// As the language writes it: min_max, percentile, entropy or mean_square.
  std::string name = "percentile";
  double percent = 99.99; ///< of percentile

  std::string text() const; ///< "percentile(99.99)"
  bool operator==(const CalibrationMethod &) const = default;
};

/// What 8 bits shall cover; 0 lies in it.
struct ValueRange {
  double low, high;
};

/// The smallest and the largest number.
ValueRange minMaxRange(const Histogram &histogram);

/// The range that leaves out 100 - `percent` of the numbers, half of them at each end, but none at
/// an end where 0 lies further out.
ValueRange percentileRange(const Histogram &histogram, double percent);

/// The range whose 128 levels lose the least information about the magnitudes: Kullback-Leibler
/// divergence over 2048 bins (S. Migacz, 8-bit Inference with TensorRT, GTC 2017). Zeros do not
/// count, since every scale keeps them.
ValueRange entropyRange(const Histogram &histogram);

/// The range with the least mean squared error of rounding and clamping to u8.
ValueRange meanSquareRange(const Histogram &histogram);

/// The mean squared error that u8 over `range` has on the histogram.
double meanSquaredError(const Histogram &histogram, ValueRange range);

/// The range by `method`. An error that says what is wrong with the numbers of `value` (a layer's
/// path): there are none, some are not finite, or all are the same.
llvm::Expected<ValueRange> chooseRange(const Histogram &histogram, const CalibrationMethod &method,
                                       llvm::StringRef value);

} // namespace weir
