// Pictures: decoding, polarity, box, centre of mass, stroke width, and files that are none.
#include "runtime/Image.h"
#include "test/runtime/Support.h"

#include <cmath>
#include <cstdlib>

namespace weir {

using namespace test;

// A picture with an upright bar of `value` on `background`.
static Picture bar(uint64_t size, uint64_t left, uint64_t top, uint64_t width, uint64_t height,
                   float value, float background) {
  Picture picture{size, size, 1, std::vector<float>(size * size, background)};
  for (uint64_t y = top; y < top + height; ++y)
    for (uint64_t x = left; x < left + width; ++x)
      picture.at(y, x) = value;
  return picture;
}

TEST(Image, preparesAsMnistWas) {
  Picture digit = prepareDigit(bar(400, 50, 30, 60, 200, 0, 255), 28, 28, "x");
  // 20 high, a third as wide, centred, white on black.
  for (uint64_t y = 0; y < 28; ++y)
    for (uint64_t x = 0; x < 28; ++x)
      EXPECT_NEAR(digit.at(y, x), y >= 4 && y < 24 && x >= 11 && x < 17 ? 255 : 0, 1)
          << y << " " << x;
}

TEST(Image, polarityPlaceAndSizeDoNotMatter) {
  const Picture expected = prepareDigit(bar(400, 50, 30, 60, 200, 0, 255), 28, 28, "x");
  for (const Picture &other :
       {bar(400, 50, 30, 60, 200, 255, 0), bar(400, 300, 190, 60, 200, 40, 200),
        bar(300, 5, 5, 30, 100, 250, 90), bar(1000, 1, 1, 240, 800, 10, 240)}) {
    const Picture digit = prepareDigit(other, 28, 28, "x");
    for (size_t i = 0; i < digit.values.size(); ++i)
      EXPECT_NEAR(digit.values[i], expected.values[i], 1);
  }
}

TEST(Image, centreOfMassIsInTheMiddle) {
  Picture picture = bar(200, 40, 40, 120, 30, 0, 255); // a heavy bar above a thin one
  for (uint64_t y = 70; y < 160; ++y)
    for (uint64_t x = 90; x < 110; ++x)
      picture.at(y, x) = 0;
  const Picture digit = prepareDigit(picture, 28, 28, "x");
  double sum = 0, sumY = 0, sumX = 0;
  for (uint64_t y = 0; y < 28; ++y)
    for (uint64_t x = 0; x < 28; ++x)
      sum += digit.at(y, x), sumY += digit.at(y, x) * double(y), sumX += digit.at(y, x) * double(x);
  EXPECT_NEAR(sumY / sum, 13.5, 0.51);
  EXPECT_NEAR(sumX / sum, 13.5, 0.51);
}

TEST(Image, anMnistDigitIsLeftAlone) {
  const Picture digit = prepareDigit(bar(28, 11, 4, 6, 20, 255, 0), 28, 28, "x");
  const Picture again = prepareDigit(digit, 28, 28, "x");
  EXPECT_EQ(again.values, digit.values);
  EXPECT_EQ(digit.at(4, 11), 255);
  EXPECT_EQ(digit.at(3, 11), 0);
}

TEST(Image, thinStrokesGetAUsualPen) {
  // One pixel of 400: 0.05 pixels of 20.
  const Picture digit = prepareDigit(bar(400, 200, 50, 1, 300, 0, 255), 28, 28, "x");
  double ink = 0;
  for (uint64_t x = 0; x < 28; ++x)
    ink += digit.at(14, x) / 255;
  EXPECT_NEAR(ink, 2.4, 0.4);
}

TEST(Image, blankPicturesAreRefused) {
  EXPECT_CONTAINS(errorOf([] { prepareDigit(bar(50, 0, 0, 0, 0, 0, 200), 28, 28, "blank.png"); }),
                  "'blank.png' shows nothing");
  EXPECT_CONTAINS(errorOf([] { prepareDigit(bar(50, 5, 5, 9, 9, 205, 200), 28, 28, "faint.png"); }),
                  "'faint.png'");
}

TEST(Image, otherInputsAndOnePixelPictures) {
  EXPECT_EQ(prepareDigit(bar(64, 3, 3, 9, 40, 0, 255), 32, 20, "x").values.size(), 640u);
  EXPECT_EQ(prepareDigit(bar(3, 1, 1, 1, 1, 0, 255), 28, 28, "x").values.size(), 784u);
}

TEST(Image, resizeKeepsMeanAndConstants) {
  Picture picture = bar(64, 16, 0, 32, 64, 100, 0);
  const Picture small = resize(picture, 16, 8);
  double mean = 0;
  for (float value : small.values)
    mean += value / double(small.values.size());
  EXPECT_NEAR(mean, 50, 0.5);
  const Picture large = resize(bar(4, 0, 0, 0, 0, 0, 77), 9, 13);
  for (float value : large.values)
    EXPECT_NEAR(value, 77, 1e-3);
}

TEST(Image, cropTakesTheMiddle) {
  Picture picture{10, 30, 3, std::vector<float>(900)};
  for (uint64_t y = 0; y < 10; ++y)
    for (uint64_t x = 0; x < 30; ++x)
      picture.at(y, x, 1) = x >= 10 && x < 20 ? 200 : 0;
  const Picture crop = prepareCrop(picture, 10, 10);
  EXPECT_EQ(crop.channels, 3u);
  for (uint64_t x = 0; x < 10; ++x) {
    EXPECT_EQ(crop.at(5, x, 1), 200);
    EXPECT_EQ(crop.at(5, x, 0), 0);
  }
}

TEST(Image, showsWithAndWithoutATerminal) {
  const Picture picture = bar(4, 0, 0, 2, 4, 255, 0);
  EXPECT_EQ(showPicture(picture, false), "@@@@    \n@@@@    \n@@@@    \n@@@@    \n");
  EXPECT_CONTAINS(showPicture(picture, true), "\x1b[38;5;255;48;5;255m\xe2\x96\x80");
}

TEST(Image, readsPngAndRefusesTheRest) {
  TemporaryFolder folder;
  const std::string path = folder.file("a.png");
  const Bytes good = png(3, 2, {0, 10, 20, 30, 40, 250});
  writeBytes(path, good);
  const Picture picture = readPicture(path, 1);
  EXPECT_EQ(picture.width, 3u);
  EXPECT_NEAR(picture.at(1, 2), 250, 0.01);
  EXPECT_EQ(readPicture(path, 3).channels, 3u);

  auto error = [&](const Bytes &bytes) {
    writeBytes(path, bytes);
    std::string text = errorOf([&] { readPicture(path, 1); });
    EXPECT_CONTAINS(text, path);
    return text;
  };
  EXPECT_CONTAINS(error({}), "is empty");
  EXPECT_CONTAINS(error({'h', 'e', 'l', 'l', 'o'}), "not a PNG, JPEG or BMP");
  EXPECT_CONTAINS(error(Bytes(good.begin(), good.begin() + 40)), "is damaged");
  EXPECT_CONTAINS(error(png(30000, 30000, Bytes(30000))),
                  "expects at most 64,000,000 pixels, but got 30000x30000");
  EXPECT_CONTAINS(errorOf([&] { readPicture(folder.file("none.png"), 1); }), "no such file");
  for (size_t length = 1; length + 1 < good.size(); ++length) {
    writeBytes(path, good.data(), length);
    try {
      readPicture(path, 1); // stb accepts a file whose end marker is missing
    } catch (const UserError &) {
    }
  }
}

} // namespace weir
