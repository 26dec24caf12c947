// Random shifts, turns and scales of training images.
//
// Before: Batches.cpp has an image's bytes. After: Normalizer turns the moved pixels into the net's
// input. Images of the test set never come here.
#ifndef WEIR_RUNTIME_AUGMENT_H
#define WEIR_RUNTIME_AUGMENT_H

#include "runtime/Manifest.h"

#include <cstdint>

namespace weir {

/// Where an output pixel comes from: with (x, y) counted from the image's middle, the source lies
/// at (a x + b y + e, -b x + a y + f) from the middle.
struct Movement {
  float a = 1, b = 0, e = 0, f = 0;
};

/// Moves images by the recipe's `shift` (pixels), `rotate` (degrees) and `scale` (share): each is
/// drawn evenly from within plus and minus the number, shift in both directions. One bilinear
/// resampling for all three; what comes from outside the image is 0. The draw is a function of
/// seed, step and image alone (Philox), so threads and resuming change nothing.
class Augmenter {
public:
  /// Leaves every image as it is.
  Augmenter() = default;
  /// By the recipe, with the run's seed. Throws InternalError for numbers that no language accepts.
  Augmenter(const Manifest &manifest, uint64_t seed);

  /// False if all three numbers are 0: the images are then used as they are.
  bool isOn() const { return shift != 0 || rotate != 0 || scale != 0; }

  /// The movement of image `image` in step `step`.
  Movement movement(uint64_t step, uint32_t image) const;

  /// Writes image `pixels` [h, w, c], moved, as values 0..255. Callable from several threads.
  void apply(const uint8_t *pixels, const Movement &movement, float *values) const;

private:
  uint64_t height = 0, width = 0, channels = 0, seed = 0;
  double shift = 0, rotate = 0, scale = 0;
};

} // namespace weir

#endif
