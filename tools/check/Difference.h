//===- Difference.h - how far two tensors are apart ------------------------------------------===//

#pragma once

#include "ir/Reference.h"

namespace weir {

/// The gap between neighbouring float32 numbers at `magnitude`: 2^(exponent - 23), at least 2^-149.
double ulpAt(double magnitude);

/// The largest difference between elements of `before` and `after`, in units in the last place of
/// float32 at the largest magnitude of `before`. Both are float64, so sums in another order differ
/// by about 1e-9 units. What is not finite must be the same in both; infinity where it is not, or
/// where the sizes differ.
double ulpsBetween(const reference::Tensor &before, const reference::Tensor &after);

} // namespace weir
