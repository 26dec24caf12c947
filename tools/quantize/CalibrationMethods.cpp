//===- CalibrationMethods.cpp - see CalibrationMethods.h -------------------------------------===//

#include "tools/quantize/CalibrationMethods.h"

#include "ir/QuantizedRange.h"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>

namespace weir {

std::string CalibrationMethod::text() const {
  return name == "percentile" ? fmt::format("percentile({})", percent) : name;
}

ValueRange minMaxRange(const Histogram &histogram) {
  return {std::min<double>(histogram.minimum, 0), std::max<double>(histogram.maximum, 0)};
}

//===------------------------------------------------------------------------------------------===//
// Percentile
//===------------------------------------------------------------------------------------------===//

/// Where `outside` numbers lie above, going down from the largest; with `sign` -1 below, going up
/// from the smallest. Never beyond 0 on the way.
static double boundary(const Histogram &histogram, double outside, int sign) {
  const auto bins = static_cast<int64_t>(histogram.bins.size());
  double left = outside;
  for (int64_t i = 0; i < bins; ++i) {
    const auto index = static_cast<size_t>(sign > 0 ? bins - 1 - i : i);
    const double center = histogram.center(index);
    if (center * sign < 0)
      break;
    const auto inBin = static_cast<double>(histogram.bins[index]);
    if (inBin > left) // the part of the bin that stays inside, its numbers spread evenly
      return center + sign * histogram.width() * (0.5 - left / inBin);
    left -= inBin;
  }
  return 0;
}

ValueRange percentileRange(const Histogram &histogram, double percent) {
  const double outside = static_cast<double>(histogram.count) * (100 - percent) / 100 / 2;
  const ValueRange all = minMaxRange(histogram);
  return {std::max(boundary(histogram, outside, -1), all.low),
          std::min(boundary(histogram, outside, 1), all.high)};
}

//===------------------------------------------------------------------------------------------===//
// Entropy
//===------------------------------------------------------------------------------------------===//

namespace {
constexpr size_t magnitudeBins = 2048, levels = 128;
}

/// Magnitudes in 2048 bins up to the largest.
static std::vector<double> magnitudes(const Histogram &histogram, double largest) {
  std::vector<double> result(magnitudeBins);
  for (size_t i = 0; i < histogram.bins.size(); ++i) {
    const double place = std::abs(histogram.center(i)) / largest * magnitudeBins;
    result[std::min(static_cast<size_t>(place), magnitudeBins - 1)] +=
        static_cast<double>(histogram.bins[i]);
  }
  return result;
}

ValueRange entropyRange(const Histogram &histogram) {
  const ValueRange all = minMaxRange(histogram);
  const double largest = std::max(-all.low, all.high);
  const std::vector<double> bins = magnitudes(histogram, largest);
  // Sums up to each bin of the numbers, of bins that have any, and of h * log h.
  std::vector<double> numbers(magnitudeBins + 1), used(magnitudeBins + 1),
      information(magnitudeBins + 1);
  auto timesLog = [](double h) { return h > 0 ? h * std::log(h) : 0; };
  for (size_t i = 0; i < magnitudeBins; ++i) {
    numbers[i + 1] = numbers[i] + bins[i];
    used[i + 1] = used[i] + (bins[i] > 0);
    information[i + 1] = information[i] + timesLog(bins[i]);
  }
  const double total = numbers.back();
  double best = INFINITY;
  size_t bestBins = magnitudeBins;
  for (size_t kept = levels; kept <= magnitudeBins; ++kept) {
    // P is the histogram with all that lies beyond in its last bin, Q the same bins in 128 levels,
    // each level spread evenly over its bins that are in use.
    const double beyond = total - numbers[kept], last = bins[kept - 1];
    if (last == 0 && beyond > 0)
      continue; // Q would call impossible what happens
    double divergence = information[kept - 1] + timesLog(last + beyond) - total * std::log(total);
    for (size_t level = 0; level < levels; ++level) {
      const size_t begin = level * kept / levels, end = (level + 1) * kept / levels;
      const double inLevel = numbers[end] - numbers[begin];
      if (inLevel > 0)
        divergence -= (inLevel + (end == kept ? beyond : 0)) *
                      std::log(inLevel / (used[end] - used[begin]) / numbers[kept]);
    }
    if (divergence < best) {
      best = divergence;
      bestBins = kept;
    }
  }
  const double threshold = (static_cast<double>(bestBins) + 0.5) * largest / magnitudeBins;
  return {std::max(all.low, -threshold), std::min(all.high, threshold)};
}

//===------------------------------------------------------------------------------------------===//
// Mean square
//===------------------------------------------------------------------------------------------===//

double meanSquaredError(const Histogram &histogram, ValueRange range) {
  const AffineU8 numbers = affineU8(range.low, range.high);
  double sum = 0;
  for (size_t i = 0; i < histogram.bins.size(); ++i) {
    if (histogram.bins[i] == 0)
      continue;
    const double x = histogram.center(i), zero = static_cast<double>(numbers.zeroPoint);
    const double q = std::clamp(std::nearbyint(x / numbers.scale) + zero, 0.0, 255.0);
    const double error = x - (q - zero) * numbers.scale;
    sum += static_cast<double>(histogram.bins[i]) * error * error;
  }
  return sum / static_cast<double>(std::max<uint64_t>(histogram.count, 1));
}

ValueRange meanSquareRange(const Histogram &histogram) {
  constexpr int steps = 100;
  const ValueRange all = minMaxRange(histogram);
  ValueRange best = all;
  double bestError = meanSquaredError(histogram, all);
  auto attempt = [&](ValueRange range) {
    const double error = meanSquaredError(histogram, range);
    if (error < bestError) {
      bestError = error;
      best = range;
    }
  };
  // Both ends together, then each by itself from there.
  for (int step = 1; step < steps; ++step)
    attempt({all.low * step / steps, all.high * step / steps});
  if (all.low == 0 || all.high == 0)
    return best;
  const ValueRange together = best;
  for (int step = 1; step <= steps; ++step)
    attempt({all.low * step / steps, together.high});
  const double low = best.low;
  for (int step = 1; step <= steps; ++step)
    attempt({low, all.high * step / steps});
  return best;
}

//===------------------------------------------------------------------------------------------===//
// By name
//===------------------------------------------------------------------------------------------===//

llvm::Expected<ValueRange> chooseRange(const Histogram &histogram, const CalibrationMethod &method,
                                       llvm::StringRef value) {
  if (histogram.nonFinite > 0)
    return llvm::createStringError(
        fmt::format("calibration expects finite numbers, but {} of the {} values of '{}' are nan "
                    "or infinite",
                    histogram.nonFinite, histogram.nonFinite + histogram.count, value.str()));
  if (histogram.count == 0)
    return llvm::createStringError(
        fmt::format("calibration expects values of '{}', but got none", value.str()));
  if (histogram.minimum == histogram.maximum)
    return llvm::createStringError(
        fmt::format("calibration expects values of '{}' that differ, but all {} are {}",
                    value.str(), histogram.count, histogram.minimum));
  if (method.name == "min_max")
    return minMaxRange(histogram);
  if (method.name == "percentile")
    return percentileRange(histogram, method.percent);
  if (method.name == "entropy")
    return entropyRange(histogram);
  if (method.name == "mean_square")
    return meanSquareRange(histogram);
  return llvm::createStringError(fmt::format(
      "calibration knows the methods min_max, percentile, entropy and mean_square, but got '{}'",
      method.name));
}

} // namespace weir
