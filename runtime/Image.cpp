// Preparing pictures; see Image.h.
#include "runtime/Image.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cmath>

namespace weir {

// One direction of resize(): `lines` independent lines of `from` samples, `stride` apart.
static std::vector<float> resizeLines(const std::vector<float> &in, uint64_t outer, uint64_t from,
                                      uint64_t to, uint64_t inner) {
  std::vector<float> out(outer * to * inner);
  const double scale = double(from) / double(to), radius = std::max(1.0, scale);
  for (uint64_t i = 0; i < to; ++i) {
    const double centre = (double(i) + 0.5) * scale - 0.5;
    const int64_t first = std::max<int64_t>(0, int64_t(std::ceil(centre - radius)));
    const int64_t last = std::min<int64_t>(int64_t(from) - 1, int64_t(std::floor(centre + radius)));
    std::vector<float> weights;
    double sum = 0;
    for (int64_t j = first; j <= last; ++j) {
      double weight = std::max(0.0, 1 - std::fabs(double(j) - centre) / radius);
      weights.push_back(float(weight));
      sum += weight;
    }
    for (uint64_t o = 0; o < outer; ++o)
      for (uint64_t k = 0; k < inner; ++k) {
        float value = 0;
        for (int64_t j = first; j <= last; ++j)
          value += weights[size_t(j - first)] * in[(o * from + uint64_t(j)) * inner + k];
        out[(o * to + i) * inner + k] = value / float(sum);
      }
  }
  return out;
}

Picture resize(const Picture &picture, uint64_t height, uint64_t width) {
  Picture result{height, width, picture.channels, {}};
  std::vector<float> wide =
      resizeLines(picture.values, picture.height, picture.width, width, picture.channels);
  result.values = resizeLines(wide, 1, picture.height, height, width * picture.channels);
  return result;
}

// The background is what the rim shows: its median.
static float backgroundOf(const Picture &picture) {
  std::vector<float> rim;
  for (uint64_t y = 0; y < picture.height; ++y)
    for (uint64_t x = 0; x < picture.width; ++x)
      if (y == 0 || x == 0 || y + 1 == picture.height || x + 1 == picture.width)
        rim.push_back(picture.at(y, x));
  std::nth_element(rim.begin(), rim.begin() + long(rim.size() / 2), rim.end());
  return rim[rim.size() / 2];
}

// Ink 0..255 over a background of 0: what differs from the background on the side on which most
// differs.
static Picture inkOf(const Picture &picture, const std::string &path) {
  const float background = backgroundOf(picture);
  double above = 0, below = 0;
  for (float value : picture.values)
    (value > background ? above : below) += std::fabs(value - background);
  const float sign = above > below ? 1 : -1;
  Picture ink = picture;
  float most = 0;
  for (float &value : ink.values)
    most = std::max(most, value = std::max(0.0f, sign * (value - background)));
  if (most < 16)
    fail("'%s' shows nothing: all its pixels have about the same brightness", path.c_str());
  // A tenth of the range is paper grain and compression noise.
  for (float &value : ink.values)
    value = std::max(0.0f, (value / most - 0.1f) / 0.9f) * 255;
  return ink;
}

// Mean width of strokes in pixels: twice the area over the length of the outline, which is the
// total variation.
static double strokeWidth(const Picture &ink) {
  double area = 0, outline = 0;
  auto value = [&](uint64_t y, uint64_t x) {
    return y < ink.height && x < ink.width ? ink.at(y, x) : 0.0f;
  };
  for (uint64_t y = 0; y <= ink.height; ++y)
    for (uint64_t x = 0; x <= ink.width; ++x) {
      area += value(y, x);
      outline += std::hypot(value(y, x) - value(y, x - 1),
                            value(y, x) - value(y - 1, x)); // -1 wraps to outside
    }
  return outline > 0 ? 2 * area / outline : 0;
}

// Every pixel becomes the most ink within `radius`.
static Picture dilate(const Picture &ink, double radius) {
  const int64_t reach = int64_t(radius);
  Picture result{ink.height + 2 * uint64_t(reach), ink.width + 2 * uint64_t(reach), 1, {}};
  result.values.resize(result.height * result.width);
  for (int64_t dy = -reach; dy <= reach; ++dy)
    for (int64_t dx = -reach; dx <= reach; ++dx)
      if (double(dy * dy + dx * dx) <= radius * radius)
        for (uint64_t y = 0; y < ink.height; ++y)
          for (uint64_t x = 0; x < ink.width; ++x) {
            float &value =
                result.at(uint64_t(int64_t(y) + reach + dy), uint64_t(int64_t(x) + reach + dx));
            value = std::max(value, ink.at(y, x));
          }
  return result;
}

// A thin pen in a large picture nearly vanishes in 20 pixels, and no digit of MNIST looks so:
// there, strokes are 2.4 pixels wide (median of the test images; a tenth are below 1.8). Thinner
// ones are drawn again with a wider pen.
static Picture thicken(const Picture &box, double room) {
  constexpr double usual = 2.4, thin = 1.8, detail = 8;
  const double extent = double(std::max(box.height, box.width));
  if (extent < 2 * room || strokeWidth(box) * room / extent >= thin)
    return box;
  const double scale =
      std::min(1.0, detail * room / extent); // eight pixels for one are fine enough, and quick
  auto scaled = [&](uint64_t length) {
    return std::max<uint64_t>(1, uint64_t(std::lround(double(length) * scale)));
  };
  const Picture small = resize(box, scaled(box.height), scaled(box.width));
  const double wanted = usual * extent * scale / room;
  return dilate(small, std::max(0.0, (wanted - strokeWidth(small)) / 2));
}

Picture prepareDigit(const Picture &picture, uint64_t height, uint64_t width,
                     const std::string &path) {
  const Picture ink = inkOf(picture, path);
  uint64_t top = ink.height, bottom = 0, left = ink.width, right = 0;
  for (uint64_t y = 0; y < ink.height; ++y)
    for (uint64_t x = 0; x < ink.width; ++x)
      if (ink.at(y, x) > 32) {
        top = std::min(top, y), bottom = std::max(bottom, y);
        left = std::min(left, x), right = std::max(right, x);
      }
  Picture box{bottom - top + 1, right - left + 1, 1, {}};
  for (uint64_t y = top; y <= bottom; ++y)
    for (uint64_t x = left; x <= right; ++x)
      box.values.push_back(ink.at(y, x));

  const double room = std::min(double(height), double(width)) * 20 / 28; // 20 of 28, as MNIST
  box = thicken(box, room);
  const double scale = room / double(std::max(box.height, box.width));
  auto scaled = [&](uint64_t extent) {
    return std::max<uint64_t>(1, uint64_t(std::lround(double(extent) * scale)));
  };
  Picture digit = resize(box, scaled(box.height), scaled(box.width));
  // Thin strokes fade when they are reduced; MNIST's are white in their middle.
  const float most = std::max(1.0f, *std::max_element(digit.values.begin(), digit.values.end()));
  double sum = 0, sumY = 0, sumX = 0;
  for (uint64_t y = 0; y < digit.height; ++y)
    for (uint64_t x = 0; x < digit.width; ++x) {
      float &value = digit.at(y, x);
      value = std::round(value * 255 / most);
      sum += value, sumY += value * double(y), sumX += value * double(x);
    }
  const int64_t shiftY = std::lround(double(height) / 2 - 0.5 - sumY / sum);
  const int64_t shiftX = std::lround(double(width) / 2 - 0.5 - sumX / sum);
  Picture result{height, width, 1, std::vector<float>(height * width)};
  for (uint64_t y = 0; y < digit.height; ++y)
    for (uint64_t x = 0; x < digit.width; ++x) {
      int64_t toY = int64_t(y) + shiftY, toX = int64_t(x) + shiftX;
      if (toY >= 0 && toX >= 0 && toY < int64_t(height) && toX < int64_t(width))
        result.at(uint64_t(toY), uint64_t(toX)) = digit.at(y, x);
    }
  return result;
}

Picture prepareCrop(const Picture &picture, uint64_t height, uint64_t width) {
  const double scale =
      std::max(double(height) / double(picture.height), double(width) / double(picture.width));
  const uint64_t tall = std::max(height, uint64_t(std::lround(double(picture.height) * scale)));
  const uint64_t wide = std::max(width, uint64_t(std::lround(double(picture.width) * scale)));
  const Picture whole = resize(picture, tall, wide);
  Picture result{height, width, picture.channels, {}};
  for (uint64_t y = 0; y < height; ++y)
    for (uint64_t x = 0; x < width; ++x)
      for (uint64_t c = 0; c < picture.channels; ++c)
        result.values.push_back(whole.at(y + (tall - height) / 2, x + (wide - width) / 2, c));
  return result;
}

static float brightness(const Picture &picture, uint64_t y, uint64_t x) {
  float sum = 0;
  for (uint64_t c = 0; c < picture.channels; ++c)
    sum += picture.at(y, x, c);
  return std::clamp(sum / float(picture.channels), 0.0f, 255.0f);
}

std::string showPicture(const Picture &picture, bool terminal) {
  std::string text;
  if (!terminal) {
    static const char ramp[] = " .:-=+*#%@";
    for (uint64_t y = 0; y < picture.height; ++y) {
      for (uint64_t x = 0; x < picture.width; ++x)
        text.append(2, ramp[size_t(std::lround(brightness(picture, y, x) * 9 / 255))]);
      text += '\n';
    }
    return text;
  }
  for (uint64_t y = 0; y < picture.height; y += 2) {
    for (uint64_t x = 0; x < picture.width; ++x) {
      auto shade = [&](uint64_t row) { // the 24 greys of the 256-colour palette
        return 232 +
               int(row < picture.height ? std::lround(brightness(picture, row, x) * 23 / 255) : 0);
      };
      text += format("\x1b[38;5;%d;48;5;%dm\xe2\x96\x80", shade(y), shade(y + 1));
    }
    text += "\x1b[0m\n";
  }
  return text;
}

} // namespace weir
