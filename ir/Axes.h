//===- Axes.h - which dimensions the shape ops' attributes mean ------------------------------===//
//
// The one place that resolves axes and borders as the language writes them; semantics and kernels
// work from the result.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>

namespace weir {

/// The dimension of a tensor of `rank` that `axis` means: axes count the dimensions of one image,
/// without the batch in front; -1 is the last. None where there is no such dimension.
inline std::optional<int64_t> findDimension(int64_t axis, int64_t rank) {
  const int64_t dimension = axis < 0 ? rank + axis : axis + 1;
  return dimension >= 1 && dimension < rank ? std::optional(dimension) : std::nullopt;
}

/// The same, of a verified op.
inline int64_t dimensionOf(int64_t axis, int64_t rank) { return *findDimension(axis, rank); }

/// Sizes of a border in pixels.
struct Border {
  int64_t top, bottom, left, right;
};

/// The border that `sizes` mean: one for all sides, [vertical, horizontal], or all four. None for
/// another number of sizes, and for negative ones.
inline std::optional<Border> findBorder(llvm::ArrayRef<int64_t> sizes) {
  for (int64_t size : sizes)
    if (size < 0)
      return std::nullopt;
  switch (sizes.size()) {
  case 1:
    return Border{sizes[0], sizes[0], sizes[0], sizes[0]};
  case 2:
    return Border{sizes[0], sizes[0], sizes[1], sizes[1]};
  case 4:
    return Border{sizes[0], sizes[1], sizes[2], sizes[3]};
  default:
    return std::nullopt;
  }
}

} // namespace weir
