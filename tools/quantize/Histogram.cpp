//===- Histogram.cpp - see Histogram.h --------------------------------------------------------===//

#include "tools/quantize/Histogram.h"

#include <algorithm>
#include <cmath>

namespace weir {

double Histogram::width() const { return std::ldexp(1.0, exponent); }

double Histogram::center(size_t index) const {
  return (static_cast<double>(firstBin + static_cast<int64_t>(index)) + 0.5) * width();
}

/// The bin of `x` among those of this width. Exact: it divides by a power of two.
static int64_t binOf(double x, int exponent) {
  return static_cast<int64_t>(std::floor(std::ldexp(x, -exponent)));
}

void Histogram::reach(float low, float high) {
  const double from = std::min(low, 0.0f), to = std::max(high, 0.0f);
  if (from == to)
    return; // only zeros so far
  // The finest width at which all bins from `from` to `to` fit; it only ever grows.
  int wanted = std::ilogb((to - from) / static_cast<double>(maximumBins)) - 1;
  while (binOf(to, wanted) - binOf(from, wanted) >= maximumBins)
    ++wanted;
  if (bins.empty()) {
    exponent = wanted;
    firstBin = binOf(from, exponent);
  }
  const int64_t lastBin = firstBin + static_cast<int64_t>(bins.size()) - 1;
  const int shift = std::max(wanted - exponent, 0);
  auto halved = [&](int64_t bin) { return shift < 63 ? bin >> shift : (bin < 0 ? -1 : 0); };
  exponent += shift;
  const int64_t first = std::min(bins.empty() ? firstBin : halved(firstBin), binOf(from, exponent));
  const int64_t last =
      bins.empty() ? binOf(to, exponent) : std::max(halved(lastBin), binOf(to, exponent));
  std::vector<uint64_t> grown(static_cast<size_t>(last - first + 1));
  for (size_t i = 0; i < bins.size(); ++i)
    grown[static_cast<size_t>(halved(firstBin + static_cast<int64_t>(i)) - first)] += bins[i];
  bins = std::move(grown);
  firstBin = first;
}

void Histogram::add(llvm::ArrayRef<float> numbers) {
  float low = INFINITY, high = -INFINITY;
  uint64_t finite = 0;
  for (float x : numbers) {
    if (!std::isfinite(x))
      continue;
    low = std::min(low, x);
    high = std::max(high, x);
    ++finite;
  }
  nonFinite += numbers.size() - finite;
  if (finite == 0)
    return;
  minimum = count == 0 ? low : std::min(minimum, low);
  maximum = count == 0 ? high : std::max(maximum, high);
  count += finite;
  reach(minimum, maximum);
  const double scale = std::ldexp(1.0, -exponent);
  for (float x : numbers) {
    if (x == 0) {
      ++zeros;
    } else if (std::isfinite(x)) {
      // Rounded down without a call of floor, which this loop would wait for.
      const double place = x * scale;
      const auto towardsZero = static_cast<int64_t>(place);
      ++bins[static_cast<size_t>(towardsZero - (place < static_cast<double>(towardsZero)) -
                                 firstBin)];
    }
  }
}

} // namespace weir
