//===- GradientWindows.h - a gradient that reads windows, or adds them up --------------------===//
//
// For lower-convolutions: the gradient of a convolution's input can be computed the way the
// convolution went, as a product whose rows are windows of the image's gradient, which
// `fold_patches` adds up where they overlap. Or, at stride 1, as a convolution of `dy` with the
// weights turned around (`flip_weight`): its windows are read in place and nothing is added up in
// memory.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Window.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>

namespace weir {

/// [top, bottom, left, right] of the convolution of `dy` that is the gradient of a convolution's
/// input; null where there is none: at another stride than 1, and where the forward one's border is
/// wider than its taps reach.
std::optional<llvm::SmallVector<int64_t>> flippedPadding(const Window &window);

struct GradientChoice {
  /// Of the convolution of dy; null: windows are added up.
  std::optional<llvm::SmallVector<int64_t>> padding;
  /// What is done and why, for the remark.
  std::string why;
};

/// The extents of one group that its window does not say.
struct GradientExtents {
  int64_t batch, channels, filters;
};

GradientChoice chooseGradientWindows(const Window &window, GradientExtents extents);

} // namespace weir
