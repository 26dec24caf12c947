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

double ulpsBetween(const reference::Tensor &before, const reference::Tensor &after) {
  constexpr double unequal = std::numeric_limits<double>::infinity();
  if (before.shape != after.shape)
    return unequal;
  double largest = 0, difference = 0;
  for (int64_t i = 0; i < before.size(); ++i) {
    const double a = before[i], b = after[i];
    if (!std::isfinite(a) || !std::isfinite(b)) {
      if (a != b && !(std::isnan(a) && std::isnan(b)))
        return unequal;
      continue;
    }
    largest = std::max(largest, std::abs(a));
    difference = std::max(difference, std::abs(a - b));
  }
  return difference / ulpAt(largest);
}

} // namespace weir
