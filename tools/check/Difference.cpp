//===- Difference.cpp - see Difference.h -----------------------------------------------------===//

#include "tools/check/Difference.h"

#include <cmath>
#include <limits>

namespace weir {

double ulpAt(double magnitude) {
  constexpr int smallest = -149;
  return magnitude == 0 ? std::ldexp(1.0, smallest)
                        : std::ldexp(1.0, std::max(std::ilogb(magnitude) - 23, smallest));
}

double largestOf(const reference::Tensor &tensor) {
  double largest = 0;
  for (const double value : tensor.values)
    if (std::isfinite(value))
      largest = std::max(largest, std::abs(value));
  return largest;
}

double ulpsBetween(const reference::Tensor &before, const reference::Tensor &after,
                   double magnitude) {
  constexpr double unequal = std::numeric_limits<double>::infinity();
  if (before.shape != after.shape)
    return unequal;
  double difference = 0;
  for (int64_t i = 0; i < before.size(); ++i) {
    const double a = before[i], b = after[i];
    if (std::isfinite(a) && std::isfinite(b))
      difference = std::max(difference, std::abs(a - b));
    else if (a != b && !(std::isnan(a) && std::isnan(b)))
      return unequal;
  }
  return difference / ulpAt(std::max(largestOf(before), magnitude));
}

} // namespace weir
