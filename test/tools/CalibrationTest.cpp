// Histograms that grow, and the ranges that the four methods make of them.
#include "ir/QuantizedRange.h"
#include "tools/quantize/CalibrationMethods.h"

#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace weir {
namespace {

std::vector<float> gaussian(size_t count, float deviation, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> distribution(0, deviation);
  std::vector<float> numbers(count);
  for (float &x : numbers)
    x = distribution(generator);
  return numbers;
}

std::vector<float> rectified(std::vector<float> numbers) {
  for (float &x : numbers)
    x = std::max(x, 0.0f);
  return numbers;
}

Histogram histogramOf(llvm::ArrayRef<float> numbers) {
  Histogram histogram;
  histogram.add(numbers);
  return histogram;
}

TEST(Histogram, CountsEveryNumberInItsBin) {
  const Histogram h = histogramOf({-1.0f, 0.0f, 0.0f, 0.25f, 3.0f});
  EXPECT_EQ(h.count, 5u);
  EXPECT_EQ(h.zeros, 2u);
  EXPECT_EQ(h.minimum, -1.0f);
  EXPECT_EQ(h.maximum, 3.0f);
  EXPECT_EQ(std::accumulate(h.bins.begin(), h.bins.end(), uint64_t{0}), 3u);
  // 4 in 8192 bins: the finest width at which -1 .. 3, both ends with a bin of their own, fit.
  EXPECT_EQ(h.width(), 4.0 / 4096);
  EXPECT_EQ(h.bins[static_cast<size_t>(256 - h.firstBin)], 1u);
}

TEST(Histogram, DoesNotDependOnOrderOrBatches) {
  std::vector<float> numbers = gaussian(4000, 1);
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] *= std::pow(2.0f, float(i % 40) - 30); // grows over and over
  const Histogram whole = histogramOf(numbers);
  Histogram parts;
  std::reverse(numbers.begin(), numbers.end());
  for (size_t i = 0; i < numbers.size(); i += 7)
    parts.add(llvm::ArrayRef(numbers).slice(i, std::min<size_t>(7, numbers.size() - i)));
  EXPECT_EQ(parts.exponent, whole.exponent);
  EXPECT_EQ(parts.firstBin, whole.firstBin);
  EXPECT_EQ(parts.bins, whole.bins);
  EXPECT_LE(int64_t(whole.bins.size()), Histogram::maximumBins);
  EXPECT_GT(int64_t(whole.bins.size()), Histogram::maximumBins / 2);
}

TEST(Histogram, TakesTheWholeRangeOfFloats) {
  const Histogram h = histogramOf({1e-45f, -3e38f, 3e38f, INFINITY, NAN});
  EXPECT_EQ(h.count, 3u);
  EXPECT_EQ(h.nonFinite, 2u);
  EXPECT_EQ(std::accumulate(h.bins.begin(), h.bins.end(), uint64_t{0}), 3u);
}

TEST(QuantizedRange, KeepsZeroExactly) {
  for (auto [low, high] :
       {std::pair{-1.0, 3.0}, {0.0, 6.0}, {2.0, 5.0}, {-7.0, -1.0}, {-1e-30, 1e30}}) {
    const AffineU8 numbers = affineU8(low, high);
    EXPECT_GE(numbers.zeroPoint, 0);
    EXPECT_LE(numbers.zeroPoint, 255);
    EXPECT_EQ(numbers.scale, double(float(numbers.scale)));
    EXPECT_NEAR((255 - double(numbers.zeroPoint)) * numbers.scale, std::max(high, 0.0),
                0.51 * numbers.scale);
  }
  EXPECT_EQ(affineU8(0, 255).scale, 1.0);
  EXPECT_EQ(affineU8(-128, 127).zeroPoint, 128);
  EXPECT_EQ(affineU8(0, 0).scale, 1.0);
}

TEST(CalibrationMethods, MinMaxContainsZero) {
  const ValueRange range = minMaxRange(histogramOf({2.0f, 5.0f}));
  EXPECT_EQ(range.low, 0);
  EXPECT_EQ(range.high, 5);
}

TEST(CalibrationMethods, PercentileIsThatOfTheSortedNumbers) {
  std::vector<float> numbers = gaussian(100000, 2);
  const ValueRange range = percentileRange(histogramOf(numbers), 99.0);
  std::sort(numbers.begin(), numbers.end());
  EXPECT_NEAR(range.low, numbers[500], 0.01);
  EXPECT_NEAR(range.high, numbers[numbers.size() - 500], 0.01);
  const ValueRange all = percentileRange(histogramOf(numbers), 100.0);
  EXPECT_EQ(all.low, numbers.front());
  EXPECT_EQ(all.high, numbers.back());
  // Nothing lies below 0 here: the lower end stays.
  const ValueRange positive = percentileRange(histogramOf(rectified(numbers)), 99.0);
  EXPECT_EQ(positive.low, 0);
  EXPECT_NEAR(positive.high, numbers[numbers.size() - 500], 0.01);
}

/// The divergence of the published description, word for word, over all thresholds.
double naiveEntropyThreshold(const std::vector<double> &bins) {
  double best = INFINITY;
  size_t bestKept = 0;
  for (size_t kept = 128; kept <= bins.size(); ++kept) {
    std::vector<double> p(bins.begin(), bins.begin() + long(kept)), q(kept);
    p.back() += std::accumulate(bins.begin() + long(kept), bins.end(), 0.0);
    for (size_t level = 0; level < 128; ++level) {
      const size_t begin = level * kept / 128, end = (level + 1) * kept / 128;
      double sum = 0, used = 0;
      for (size_t i = begin; i < end; ++i) {
        sum += bins[i];
        used += bins[i] > 0;
      }
      for (size_t i = begin; i < end; ++i)
        q[i] = bins[i] > 0 ? sum / used : 0;
    }
    const double totalP = std::accumulate(p.begin(), p.end(), 0.0);
    const double totalQ = std::accumulate(q.begin(), q.end(), 0.0);
    double divergence = 0;
    for (size_t i = 0; i < kept; ++i)
      if (p[i] > 0)
        divergence += p[i] / totalP * std::log(p[i] / totalP / (q[i] / totalQ));
    if (divergence < best) {
      best = divergence;
      bestKept = kept;
    }
  }
  return double(bestKept) + 0.5;
}

TEST(CalibrationMethods, EntropyAgreesWithTheDescription) {
  std::vector<float> numbers = gaussian(20000, 1);
  numbers.push_back(40.0f); // an outlier that min_max would spend most levels on
  const Histogram h = histogramOf(numbers);
  std::vector<double> bins(2048);
  for (size_t i = 0; i < h.bins.size(); ++i)
    bins[std::min(size_t(std::abs(h.center(i)) / 40.0 * 2048), size_t{2047})] += double(h.bins[i]);
  const ValueRange range = entropyRange(h);
  EXPECT_NEAR(range.high, naiveEntropyThreshold(bins) * 40.0 / 2048, 1e-9);
  EXPECT_LT(range.high, 10);
  EXPECT_EQ(range.low, std::max<double>(h.minimum, -range.high));
}

TEST(CalibrationMethods, MeanSquareIsTheBestOfAll) {
  for (bool positive : {false, true}) {
    std::vector<float> numbers = gaussian(20000, 1);
    if (positive)
      numbers = rectified(numbers);
    numbers.push_back(40.0f);
    const Histogram h = histogramOf(numbers);
    const double error = meanSquaredError(h, meanSquareRange(h));
    EXPECT_LE(error, meanSquaredError(h, minMaxRange(h)));
    EXPECT_LE(error, meanSquaredError(h, percentileRange(h, 99.9)));
    EXPECT_LE(error, meanSquaredError(h, entropyRange(h)));
    // The error by bins is that of the numbers.
    const AffineU8 u8 = affineU8(-1, 5);
    double sum = 0;
    for (float x : numbers) {
      const double q = std::clamp(std::nearbyint(x / u8.scale) + double(u8.zeroPoint), 0.0, 255.0);
      sum += std::pow(x - (q - double(u8.zeroPoint)) * u8.scale, 2);
    }
    EXPECT_NEAR(meanSquaredError(h, {-1, 5}), sum / double(numbers.size()),
                0.02 * sum / double(numbers.size()));
  }
}

std::string errorOf(const Histogram &histogram, const CalibrationMethod &method) {
  auto range = chooseRange(histogram, method, "relu_3");
  return range ? "" : llvm::toString(range.takeError());
}

TEST(CalibrationMethods, NamesWhatIsWrongWithTheNumbers) {
  EXPECT_EQ(errorOf(histogramOf({1, NAN, INFINITY}), {}),
            "calibration expects finite numbers, but 2 of the 3 values of 'relu_3' are nan or "
            "infinite");
  EXPECT_EQ(errorOf({}, {}), "calibration expects values of 'relu_3', but got none");
  EXPECT_EQ(errorOf(histogramOf({0, 0, 0}), {}),
            "calibration expects values of 'relu_3' that differ, but all 3 are 0");
  EXPECT_EQ(errorOf(histogramOf({0, 1}), {"mean"}),
            "calibration knows the methods min_max, percentile, entropy and mean_square, but got "
            "'mean'");
  EXPECT_EQ(errorOf(histogramOf({0, 1}), {"min_max"}), "");
  EXPECT_EQ((CalibrationMethod{"percentile", 99.9}.text()), "percentile(99.9)");
}

} // namespace
} // namespace weir
