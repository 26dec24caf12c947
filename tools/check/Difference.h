//===- Difference.h - how far two tensors are apart ------------------------------------------===//

#pragma once

#include "ir/Reference.h"

namespace weir {

/// The gap between neighbouring float32 numbers at `magnitude`: 2^(exponent - 23), at least 2^-149.
double ulpAt(double magnitude);

/// The largest magnitude of what is finite in `tensor`.
double largestOf(const reference::Tensor &tensor);

/// The largest difference between elements of `before` and `after`, in units in the last place of
/// float32 at the largest magnitude of `before`, but no less than at `magnitude`: what is smaller
/// is mostly what cancelled. Both are float64, so sums in another order differ by about 1e-9 units.
/// What is not finite must be the same in both; infinity where it is not, or where the sizes
/// differ.
double ulpsBetween(const reference::Tensor &before, const reference::Tensor &after,
                   double magnitude = 1e-6);

} // namespace weir
