//===- LogSumExp.h - what softmax's logarithm and cross_entropy share -------------------------===//

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace weir {

/// Largest value of a row and the logarithm of the sum of exponentials above it.
inline std::pair<double, double> logSumExp(const double *row, int64_t n) {
  const double largest = *std::max_element(row, row + n);
  double sum = 0;
  for (int64_t j = 0; j < n; ++j)
    sum += std::exp(row[j] - largest);
  return {largest, std::log(sum)};
}

} // namespace weir
