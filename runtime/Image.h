// Pictures of the user's own, made into what the net was trained on.
//
// Before: PredictCommand.cpp names files. After: Evaluate.h runs the net on them. One-channel nets
// get the preparation that MNIST's digits had (Y. LeCun: "size normalized to fit in a 20x20 box,
// preserving the aspect ratio, … centred in a 28x28 image by computing the centre of mass"), others
// a resized centre crop.
#ifndef WEIR_RUNTIME_IMAGE_H
#define WEIR_RUNTIME_IMAGE_H

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

/// Values 0..255, interleaved channels.
struct Picture {
  uint64_t height = 0, width = 0, channels = 1;
  std::vector<float> values;

  float &at(uint64_t y, uint64_t x, uint64_t c = 0) {
    return values[(y * width + x) * channels + c];
  }
  float at(uint64_t y, uint64_t x, uint64_t c = 0) const {
    return values[(y * width + x) * channels + c];
  }
};

/// Reads a PNG, JPEG or BMP file as 1 or 3 channels. Transparent parts become the background that
/// the visible part contrasts with. Throws UserError for what is no such image, or has more than 64
/// million pixels.
Picture readPicture(const std::string &path, uint64_t channels);

/// White ink on black, box and centre of mass as MNIST has them, height x width. Throws UserError,
/// naming `path`, for a picture of one brightness.
Picture prepareDigit(const Picture &picture, uint64_t height, uint64_t width,
                     const std::string &path);

/// The shorter side scaled to the net's input, the middle cut out.
Picture prepareCrop(const Picture &picture, uint64_t height, uint64_t width);

/// Scales by a triangle filter as wide as the reduction (bilinear when enlarging).
Picture resize(const Picture &picture, uint64_t height, uint64_t width);

/// Lines of text that show a picture: two pixels per half block in 24 shades on a terminal, a
/// character each elsewhere.
std::string showPicture(const Picture &picture, bool terminal);

} // namespace weir

#endif
