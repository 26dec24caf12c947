//===- Histogram.h - how often a value of the net was how large, seen batch by batch ---------===//
//
// The first step of calibration. Bins are 2^exponent wide and count from 0, so that a range that
// grows only ever joins pairs of bins: what a histogram holds does not depend on the order or the
// division into batches in which the numbers came. CalibrationMethods.h makes ranges of it.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace weir {

struct Histogram {
  /// Between half of so many bins and all of them are in use from the smallest number (or 0) to the
  /// largest (or 0).
  static constexpr int64_t maximumBins = 8192;

  uint64_t count = 0;     ///< finite numbers
  uint64_t zeros = 0;     ///< of them, exact zeros, which stand in no bin: any scale keeps them
  uint64_t nonFinite = 0; ///< nan and infinities, which are counted and left out
  float minimum = 0, maximum = 0; ///< of all finite numbers
  int exponent = 0;               ///< bin k holds k * 2^exponent <= x < (k + 1) * 2^exponent
  int64_t firstBin = 0;           ///< the number k of bins.front()
  std::vector<uint64_t> bins;

  void add(llvm::ArrayRef<float> numbers);

  double width() const;
  /// The middle of bins[index].
  double center(size_t index) const;

private:
  void reach(float low, float high);
};

} // namespace weir
