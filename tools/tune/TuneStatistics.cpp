//===- TuneStatistics.cpp - see TuneStatistics.h ---------------------------------------------===//

#include "tools/tune/TuneStatistics.h"

#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

namespace weir {

double signTest(unsigned faster, unsigned pairs) {
  // Sums of binomial coefficients over 2^pairs, in logarithms: 2^-pairs alone may be too small.
  double sum = 0;
  for (unsigned heads = faster; heads <= pairs; ++heads)
    sum += std::exp(std::lgamma(pairs + 1.0) - std::lgamma(heads + 1.0) -
                    std::lgamma(pairs - heads + 1.0) - pairs * std::log(2.0));
  return std::min(1.0, sum);
}

double medianOf(std::vector<double> values) {
  if (values.empty())
    return 0;
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2)
    return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

TuneVerdict judge(const TunePairs &pairs) {
  TuneVerdict verdict;
  std::vector<double> ratios;
  for (auto [first, second] : llvm::zip_equal(pairs.first, pairs.second)) {
    ++verdict.pairs;
    verdict.faster += second < first; // a tie counts against the second
    ratios.push_back(second / first);
  }
  if (ratios.empty())
    return verdict;
  verdict.first = medianOf(pairs.first);
  verdict.second = medianOf(pairs.second);
  verdict.ratio = medianOf(std::move(ratios));
  verdict.chance = signTest(verdict.faster, verdict.pairs);
  return verdict;
}

} // namespace weir
