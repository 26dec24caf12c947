// Affine resampling of bytes; see Augment.h.
//
// 784 pixels take 2.6 us (AVX-512, Xeon at 2.5 GHz, 2026-11). Every place of the image is first
// packed with its right, lower and lower right neighbours into one word, with a rim of zeros around
// the image. A pixel is then one load and three linear steps, and no test for the border. The loops
// over a row are free of branches, so that the compiler makes vector code of them.
#include "runtime/Augment.h"
#include "runtime/Device.h"
#include "runtime/Error.h"
#include "runtime/Random.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weir {

Augmenter::Augmenter(const Manifest &manifest, uint64_t seed)
    : height(manifest.height), width(manifest.width), channels(manifest.channels), seed(seed) {
  if (!manifest.recipe)
    return;
  shift = manifest.recipe->shift;
  rotate = manifest.recipe->rotate;
  scale = manifest.recipe->scale;
  // Places of the packed image are counted in 32 bits, and as floats within a row.
  const bool sound = shift >= 0 && shift <= 30000 && rotate >= 0 && rotate <= 180 && scale >= 0 &&
                     scale < 1 && (!isOn() || std::max(height, width) <= 30000);
  if (!sound)
    failInternally("the recipe's shift %g, rotate %g or scale %g is out of range", shift, rotate,
                   scale);
}

Movement Augmenter::movement(uint64_t step, uint32_t image) const {
  const std::array<uint32_t, 4> words =
      philox({image, uint32_t(step), uint32_t(step >> 32), 0x6175676du /* "augm" */}, seed);
  auto within = [&](double most, uint32_t word) { // evenly in -most .. most
    return most * (double(word) * 0x1p-31 - 1);
  };
  const double dx = within(shift, words[0]), dy = within(shift, words[1]);
  const double angle = within(rotate, words[2]) * 3.14159265358979323846 / 180;
  const double factor = 1 / (1 + within(scale, words[3]));
  const double a = std::cos(angle) * factor, b = std::sin(angle) * factor;
  return {float(a), float(b), float(-a * dx - b * dy), float(b * dx - a * dy)};
}

// `words` and `pairs` have (height + 2) * (width + 2) values each, the place (0, 0) at (1, 1).
// Pairs side by side are made first, then pairs of those one below the other.
[[gnu::always_inline]] static inline void pack(const uint8_t *pixels, uint64_t height,
                                               uint64_t width, uint64_t stride,
                                               uint32_t *__restrict words,
                                               uint32_t *__restrict pairs) {
  const uint64_t wide = width + 2, last = (height + 1) * wide;
  std::fill_n(pairs, wide, 0u);
  for (uint64_t y = 0; y < height; ++y) {
    const uint8_t *line = pixels + y * width * stride;
    uint32_t *to = pairs + (y + 1) * wide;
    to[0] = uint32_t(line[0]) << 8;
    for (uint64_t x = 0; x + 1 < width; ++x)
      to[x + 1] = line[x * stride] | uint32_t(line[(x + 1) * stride]) << 8;
    to[width] = line[(width - 1) * stride];
    to[width + 1] = 0;
  }
  std::fill_n(pairs + last, wide, 0u);
  for (uint64_t i = 0; i < last; ++i)
    words[i] = pairs[i] | pairs[i + wide] << 16;
  std::fill_n(words + last, wide, 0u);
}

// Whole blocks of `lanes` results, so that a row of 28 leaves no rest for slow scalar code; what
// lies behind the row's end is computed (its place is within the packed image too) and dropped.
[[gnu::always_inline]] static inline void resampleLoop(const uint8_t *pixels, uint64_t height,
                                                       uint64_t width, uint64_t stride,
                                                       const Movement &m, uint32_t *words,
                                                       float *values) {
  constexpr int lanes = 16;
  pack(pixels, height, width, stride, words, words + (height + 2) * (width + 2));
  const float centreX = float(width - 1) / 2, centreY = float(height - 1) / 2;
  const float limitX = float(width + 1), limitY = float(height + 1);
  const int32_t wide = int32_t(width + 2);
  for (uint64_t y = 0; y < height; ++y) {
    // In the packed image, whose first place is (-1, -1).
    const float fromX = m.b * (float(y) - centreY) + m.e + centreX + 1 - m.a * centreX;
    const float fromY = m.a * (float(y) - centreY) + m.f + centreY + 1 + m.b * centreX;
    for (uint64_t from = 0; from < width; from += lanes) {
      float u[lanes], v[lanes], result[lanes];
      int32_t place[lanes];
      for (int i = 0; i < lanes; ++i) {
        const float column = float(int32_t(from) + i);
        float sourceX = fromX + m.a * column, sourceY = fromY - m.b * column;
        sourceX = sourceX < 0 ? 0 : sourceX > limitX ? limitX : sourceX;
        sourceY = sourceY < 0 ? 0 : sourceY > limitY ? limitY : sourceY;
        const int32_t left = int32_t(sourceX), top = int32_t(sourceY);
        u[i] = sourceX - float(left);
        v[i] = sourceY - float(top);
        place[i] = top * wide + left;
      }
      for (int i = 0; i < lanes; ++i)
        place[i] = int32_t(words[place[i]]);
      for (int i = 0; i < lanes; ++i) {
        const int32_t word = place[i];
        const float a = float(word & 255), b = float(word >> 8 & 255);
        const float c = float(word >> 16 & 255), d = float(word >> 24 & 255);
        const float above = a + u[i] * (b - a), below = c + u[i] * (d - c);
        result[i] = above + v[i] * (below - above);
      }
      float *to = values + (y * width + from) * stride;
      for (uint64_t i = 0, count = std::min<uint64_t>(lanes, width - from); i < count; ++i)
        to[i * stride] = result[i];
    }
  }
}

// One source, three instruction sets, the same results: see convertLoop in Dataset.cpp.
#if defined(__x86_64__)
[[gnu::target("avx512f,avx512bw,avx512vl")]] static void
resampleAvx512(const uint8_t *pixels, uint64_t height, uint64_t width, uint64_t stride,
               const Movement &movement, uint32_t *words, float *values) {
  stride == 1 ? resampleLoop(pixels, height, width, 1, movement, words, values)
              : resampleLoop(pixels, height, width, stride, movement, words, values);
}
[[gnu::target("avx2")]] static void resampleAvx2(const uint8_t *pixels, uint64_t height,
                                                 uint64_t width, uint64_t stride,
                                                 const Movement &movement, uint32_t *words,
                                                 float *values) {
  stride == 1 ? resampleLoop(pixels, height, width, 1, movement, words, values)
              : resampleLoop(pixels, height, width, stride, movement, words, values);
}
#endif
static void resamplePlain(const uint8_t *pixels, uint64_t height, uint64_t width, uint64_t stride,
                          const Movement &movement, uint32_t *words, float *values) {
  resampleLoop(pixels, height, width, stride, movement, words, values);
}

static decltype(&resamplePlain) chooseResample() {
#if defined(__x86_64__)
  if (cpuHas("avx512f") && cpuHas("avx512bw") && cpuHas("avx512vl"))
    return resampleAvx512;
  if (cpuHas("avx2"))
    return resampleAvx2;
#endif
  return resamplePlain;
}

void Augmenter::apply(const uint8_t *pixels, const Movement &movement, float *values) const {
  static const auto resample = chooseResample();
  thread_local std::vector<uint32_t> words;
  words.resize(2 * (height + 2) * (width + 2)); // and as many pairs
  for (uint64_t channel = 0; channel < channels; ++channel)
    resample(pixels + channel, height, width, channels, movement, words.data(), values + channel);
}

} // namespace weir
