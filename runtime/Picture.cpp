// Decoding PNG, JPEG and BMP by stb_image; see readPicture() in Image.h.
#include "runtime/Error.h"
#include "runtime/Idx.h"
#include "runtime/Image.h"

#include <climits>
#include <cstring>
#include <memory>
#include <string_view>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_MAX_DIMENSIONS 65536
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace weir {

static constexpr uint64_t mostPixels = 64'000'000, mostBytes = 512u << 20;

// What a file is by its first bytes, which PNG and JPEG fix, and BMP nearly.
static const char *kindOf(const Block &file) {
  auto begins = [&](std::string_view mark) {
    return file.size() >= mark.size() && std::memcmp(file.data(), mark.data(), mark.size()) == 0;
  };
  return begins("\x89PNG")        ? "PNG"
         : begins("\xff\xd8\xff") ? "JPEG"
         : begins("BM")           ? "BMP"
                                  : nullptr;
}

Picture readPicture(const std::string &path, uint64_t channels) {
  const Block file = readWholeFile(path, "an image");
  if (file.size() == 0)
    fail("'%s' is empty", path.c_str());
  if (file.size() > mostBytes)
    fail("'%s' is too large for an image: %s bytes", path.c_str(), withCommas(file.size()).c_str());
  int width = 0, height = 0, stored = 0;
  if (!stbi_info_from_memory(file.data(), int(file.size()), &width, &height, &stored)) {
    // By its first bytes it is one, so something behind them is not as it should be.
    if (const char *kind = kindOf(file))
      fail("'%s' is a damaged %s image", path.c_str(), kind);
    fail("'%s' is not a PNG, JPEG or BMP image that can be read: %s", path.c_str(),
         stbi_failure_reason());
  }
  if (uint64_t(width) * uint64_t(height) > mostPixels)
    fail("'%s' expects at most %s pixels, but got %dx%d", path.c_str(),
         withCommas(mostPixels).c_str(), width, height);
  std::unique_ptr<stbi_uc, void (*)(void *)> pixels(
      stbi_load_from_memory(file.data(), int(file.size()), &width, &height, &stored, 4),
      stbi_image_free);
  if (!pixels)
    fail("'%s' is damaged: %s", path.c_str(), stbi_failure_reason());

  const uint64_t count = uint64_t(width) * uint64_t(height);
  auto grey = [&](uint64_t i) { // ITU-R BT.601 luma
    const stbi_uc *p = pixels.get() + 4 * i;
    return 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
  };
  double visible = 0, light = 0;
  for (uint64_t i = 0; i < count; ++i) {
    float alpha = float(pixels.get()[4 * i + 3]) / 255;
    visible += alpha, light += double(alpha * grey(i));
  }
  const float behind = visible > 0 && light / visible > 127 ? 0.0f : 255.0f;
  Picture result{uint64_t(height), uint64_t(width), channels == 1 ? 1u : 3u, {}};
  result.values.reserve(count * result.channels);
  for (uint64_t i = 0; i < count; ++i) {
    const stbi_uc *p = pixels.get() + 4 * i;
    float alpha = float(p[3]) / 255;
    for (uint64_t c = 0; c < result.channels; ++c)
      result.values.push_back(alpha * (result.channels == 1 ? grey(i) : float(p[c])) +
                              (1 - alpha) * behind);
  }
  return result;
}

} // namespace weir
