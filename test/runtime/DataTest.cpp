// IDX files and everything that can be wrong with them; normalisation; batches.
#include "runtime/Batches.h"
#include "runtime/Dataset.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <cstdlib>
#include <fstream>

namespace weir {

using namespace test;

class Data : public testing::Test {
protected:
  TemporaryFolder folder;
  FakeShape shape;
  Manifest manifest = readManifest(makeFakeProgram(shape));

  std::string imagesError(const Bytes &bytes) {
    writeBytes(folder.file("images"), bytes);
    std::string error = errorOf([&] { readIdxImages(folder.file("images")); });
    EXPECT_CONTAINS(error, folder.file("images"));
    return error;
  }
  std::string labelsError(const Bytes &bytes) {
    writeBytes(folder.file("labels"), bytes);
    std::string error = errorOf([&] { readIdxLabels(folder.file("labels")); });
    EXPECT_CONTAINS(error, folder.file("labels"));
    return error;
  }
  std::string loadError() {
    return errorOf([&] {
      Dataset training, test;
      loadBoth(folder.path, manifest, training, test);
    });
  }
};

TEST_F(Data, readsImagesAndLabels) {
  writeBytes(folder.file("i"), idx(0x803, {2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  IdxImages images = readIdxImages(folder.file("i"));
  EXPECT_EQ(images.count, 2u);
  EXPECT_EQ(images.height, 2u);
  EXPECT_EQ(images.width, 3u);
  EXPECT_EQ(images.pixels[11], 12);
  writeBytes(folder.file("c"), idx(0x804, {1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(readIdxImages(folder.file("c")).channels, 3u);
  writeBytes(folder.file("l"), idx(0x801, {3}, {7, 8, 9}));
  EXPECT_EQ(readIdxLabels(folder.file("l")).labels[2], 9);
}

TEST_F(Data, badFilesAreNamed) {
  EXPECT_CONTAINS(errorOf([&] { readIdxImages(folder.file("none")); }), "no such file");
  EXPECT_CONTAINS(errorOf([&] { readIdxImages(folder.path); }), "it is a folder");
  EXPECT_CONTAINS(errorOf([&] { readIdxImages("/dev/null"); }), "a device, not a regular file");
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0600), 0); // that nobody writes to
  EXPECT_CONTAINS(errorOf([&] { readIdxImages(folder.file("pipe")); }),
                  "a pipe, not a regular file");
  EXPECT_CONTAINS(imagesError({}), "is empty");
  EXPECT_CONTAINS(imagesError({0, 0, 8, 3}), "too short");
  EXPECT_CONTAINS(imagesError({0, 0, 8, 3, 0, 0, 0, 1, 0, 0}), "too short");
  EXPECT_CONTAINS(labelsError({}), "is empty");
}

TEST_F(Data, wrongMagicSaysWhatItIs) {
  EXPECT_CONTAINS(imagesError(idx(0x801, {8}, Bytes(8))), "but got 0x00000801 (a label file)");
  EXPECT_CONTAINS(labelsError(idx(0x803, {1, 1, 1}, {1})), "but got 0x00000803 (an image file)");
  EXPECT_CONTAINS(imagesError(idx(0xd03, {1, 1, 1}, {1})),
                  "expects magic number 0x00000803 (images), but got 0x00000d03");
  EXPECT_CONTAINS(imagesError(png(1, 1, {0})), "a picture");
}

TEST_F(Data, wrongCountsAndLyingHeaders) {
  EXPECT_CONTAINS(imagesError(idx(0x803, {3, 2, 2}, Bytes(11))),
                  "expects 28 bytes for the 3 images of 2x2x1 of its header, but got 27");
  EXPECT_CONTAINS(imagesError(idx(0x803, {3, 2, 2}, Bytes(13))), "but got 29");
  EXPECT_CONTAINS(imagesError(idx(0x803, {0, 2, 2}, {})), "holds no images");
  EXPECT_CONTAINS(imagesError(idx(0x803, {1, 0, 2}, {})), "expects images of 1x1x1 to");
  EXPECT_CONTAINS(imagesError(idx(0x803, {~0u, ~0u, ~0u}, {1, 2})), "expects images of 1x1x1 to");
  EXPECT_CONTAINS(imagesError(idx(0x804, {~0u, 65536, 65536, 4}, {1, 2})),
                  "more bytes than any file");
  EXPECT_CONTAINS(labelsError(idx(0x801, {4}, Bytes(3))),
                  "expects 12 bytes for the 4 labels of its header, but got 11");
  EXPECT_CONTAINS(labelsError(idx(0x801, {0}, {})), "holds no labels");
}

// 20 zero bytes, gzipped by `gzip -n`: an IDX magic is not in it, so a whole file gets as far as
// that check.
static const Bytes zerosGzip = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
                                0x00, 0x03, 0x63, 0x60, 0xc0, 0x04, 0x00, 0x8d,
                                0x9b, 0xd5, 0x0f, 0x14, 0x00, 0x00, 0x00};

TEST_F(Data, gzipIsReadAndChecked) {
  writeBytes(folder.file("z"), zerosGzip);
  Block plain = readWholeFile(folder.file("z"), "a test");
  ASSERT_EQ(plain.size(), 20u);
  EXPECT_EQ(plain.data()[19], 0);
  EXPECT_CONTAINS(imagesError(zerosGzip), "but got 0x00000000");
  for (size_t length = 2; length < zerosGzip.size(); ++length)
    EXPECT_CONTAINS(imagesError(Bytes(zerosGzip.begin(), zerosGzip.begin() + long(length))),
                    "not a whole gzip file");
  Bytes bad = zerosGzip;
  bad[15] ^= 1; // in the checksum
  EXPECT_CONTAINS(imagesError(bad), "not a whole gzip file");
  bad = zerosGzip;
  bad[bad.size() - 1] = 0x7f; // promises 2 GB
  EXPECT_CONTAINS(imagesError(bad), "not a whole gzip file");
  bad = zerosGzip;
  bad.insert(bad.end(), zerosGzip.end() - 4, zerosGzip.end());
  EXPECT_CONTAINS(imagesError(bad), "4 bytes behind the end");
}

TEST_F(Data, theNetsExpectationsAreChecked) {
  writeDataSet(folder.path, 40, 20);
  Dataset training, test;
  loadBoth(folder.path, manifest, training, test);
  EXPECT_EQ(training.count(), 40u);
  EXPECT_EQ(test.count(), 20u);

  writeBytes(folder.file("t10k-labels-idx1-ubyte"), idx(0x801, {19}, Bytes(19)));
  EXPECT_CONTAINS(loadError(), "19 labels in");
  Bytes labels(20);
  labels[5] = 10;
  writeBytes(folder.file("t10k-labels-idx1-ubyte"), idx(0x801, {20}, labels));
  EXPECT_CONTAINS(loadError(), "expects labels of 0 to 9, but got 10 for image 5 in");
  writeBytes(folder.file("t10k-images-idx3-ubyte"), idx(0x803, {20, 14, 56}, Bytes(20 * 784)));
  EXPECT_CONTAINS(loadError(), "expects images of 28x28x1, but got 14x56x1 in");
  unlink(folder.file("t10k-images-idx3-ubyte").c_str());
  EXPECT_CONTAINS(loadError(), "missing data: neither");
}

TEST_F(Data, findsTheFolder) {
  EXPECT_EQ(findDataDirectory(folder.path, manifest), folder.path);
  EXPECT_CONTAINS(errorOf([&] { findDataDirectory(folder.file("no"), manifest); }),
                  "does not exist");
  unsetenv("WEIR_DATA");
  EXPECT_CONTAINS(errorOf([&] { findDataDirectory("", manifest); }), "give --data DIR");
  setenv("WEIR_DATA", folder.path.c_str(), 1);
  EXPECT_CONTAINS(errorOf([&] { findDataDirectory("", manifest); }), "is no folder");
  mkdir(folder.file("mnist").c_str(), 0777);
  EXPECT_EQ(findDataDirectory("", manifest), folder.file("mnist"));
  unsetenv("WEIR_DATA");
}

TEST_F(Data, normalises) {
  Normalizer normalizer(manifest);
  const Bytes pixels = {0, 128, 255};
  float values[3];
  normalizer.convert(pixels.data(), 3, values);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(values[i], (pixels[i] / 255.0 - 0.1307) / 0.3081, 1e-6);
  manifest.channels = 3;
  manifest.recipe->mean = {0.1f, 0.2f, 0.3f};
  Normalizer(manifest).convert(pixels.data(), 3, values);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(values[i], (pixels[i] / 255.0 - 0.1 * double(i + 1)) / 0.3081, 1e-6);
  manifest.recipe->mean = {0.1f, 0.2f};
  EXPECT_THROW(Normalizer{manifest}, InternalError);
}

TEST_F(Data, batchesHoldTheSamplersImages) {
  writeDataSet(folder.path, 50, 10);
  Dataset training, test;
  loadBoth(folder.path, manifest, training, test);
  Normalizer normalizer(manifest);
  for (int threads : {1, 3}) {
    ThreadPool pool(threads);
    Sampler sampler(50, 16, 5), check(50, 16, 5);
    const Augmenter augmenter(manifest, 5);
    Batches batches({training, normalizer, augmenter}, sampler, 16, 2, 60, pool);
    for (uint64_t step = 2; step < 60; ++step) {
      Batches::Batch batch = batches.next();
      pool.forEach(7, [](int, int) {});
      check.prepare(step);
      for (uint64_t slot = 0; slot < 16; ++slot) {
        const uint32_t image = check.imageAt(step, slot);
        ASSERT_EQ(batch.labels[slot], training.labels.labels[image]);
        std::vector<float> expected(784);
        normalizer.convert(training.image(image), 784, expected.data());
        ASSERT_EQ(std::vector<float>(batch.images + slot * 784, batch.images + (slot + 1) * 784),
                  expected);
      }
    }
  }
}

} // namespace weir
