// Moved images against a plain resampling in double, known movements, and independence of threads.
#include "runtime/Augment.h"
#include "runtime/Batches.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace weir {

using namespace test;

// Bilinear resampling as it is defined, pixel by pixel.
static std::vector<float> resampled(const Bytes &pixels, int height, int width, int channels,
                                    const Movement &m) {
  auto at = [&](int y, int x, int c) {
    const bool inside = y >= 0 && x >= 0 && y < height && x < width;
    return inside ? double(pixels[size_t((y * width + x) * channels + c)]) : 0.0;
  };
  std::vector<float> result;
  const double centreX = (width - 1) / 2.0, centreY = (height - 1) / 2.0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c) {
        const double sx = double(m.a) * (x - centreX) + double(m.b) * (y - centreY) + m.e + centreX;
        const double sy = double(m.a) * (y - centreY) - double(m.b) * (x - centreX) + m.f + centreY;
        const int left = int(std::floor(sx)), top = int(std::floor(sy));
        const double u = sx - left, v = sy - top;
        result.push_back(
            float((1 - v) * ((1 - u) * at(top, left, c) + u * at(top, left + 1, c)) +
                  v * ((1 - u) * at(top + 1, left, c) + u * at(top + 1, left + 1, c))));
      }
  return result;
}

class Augment : public testing::Test {
protected:
  static Manifest manifestOf(const std::string &data, int height = 28, int width = 28,
                             int channels = 1) {
    FakeShape shape;
    shape.height = height, shape.width = width, shape.channels = channels;
    shape.data = data;
    return readManifest(makeFakeProgram(shape));
  }
};

TEST_F(Augment, isOffUnlessTheRecipeAsks) {
  EXPECT_FALSE(Augmenter().isOn());
  EXPECT_FALSE(Augmenter(manifestOf(""), 1).isOn());
  for (const char *data : {R"(,"shift":2)", R"(,"rotate":5)", R"(,"scale":0.1)"})
    EXPECT_TRUE(Augmenter(manifestOf(data), 1).isOn()) << data;
  for (const char *data : {R"(,"shift":-1)", R"(,"rotate":181)", R"(,"scale":1)"})
    EXPECT_THROW(Augmenter(manifestOf(data), 1), InternalError) << data;
}

TEST_F(Augment, followsTheDefinition) {
  for (auto [height, width, channels] :
       {std::tuple{28, 28, 1}, {9, 33, 3}, {1, 5, 1}, {7, 1, 2}, {16, 17, 4}}) {
    const Augmenter augmenter(
        manifestOf(R"(,"shift":3,"rotate":40,"scale":0.4)", height, width, channels), 1);
    Bytes pixels(size_t(height * width * channels));
    for (size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = uint8_t(i * 2654435761u >> 13);
    std::vector<float> values(pixels.size() + 1, -7.0f);
    for (uint32_t image = 0; image < 50; ++image) {
      const Movement movement = augmenter.movement(3, image);
      augmenter.apply(pixels.data(), movement, values.data());
      const std::vector<float> expected = resampled(pixels, height, width, channels, movement);
      for (size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(values[i], expected[i], 0.02) << image << " at " << i;
    }
    EXPECT_EQ(values.back(), -7.0f) << "wrote past the end";
  }
}

TEST_F(Augment, knownMovements) {
  const Augmenter augmenter(manifestOf(R"(,"shift":1)", 3, 3), 1);
  const Bytes pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<float> values(9);
  auto moved = [&](const Movement &movement) {
    augmenter.apply(pixels.data(), movement, values.data());
    return values;
  };
  EXPECT_EQ(moved({}), (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  // One pixel to the right, then one and a half down: the source lies left of and above it.
  EXPECT_EQ(moved({1, 0, -1, 0}), (std::vector<float>{0, 1, 2, 0, 4, 5, 0, 7, 8}));
  EXPECT_EQ(moved({1, 0, 0, -1.5f}), (std::vector<float>{0, 0, 0, 0.5, 1, 1.5, 2.5, 3.5, 4.5}));
  // A quarter turn, and far out of the image.
  EXPECT_EQ(moved({0, 1, 0, 0}), (std::vector<float>{7, 4, 1, 8, 5, 2, 9, 6, 3}));
  EXPECT_EQ(moved({1, 0, 500, -500}), std::vector<float>(9, 0.0f));
  EXPECT_EQ(moved({-1, 0, 0, 0}), (std::vector<float>{9, 8, 7, 6, 5, 4, 3, 2, 1}));
}

TEST_F(Augment, drawsEvenlyWithinItsNumbers) {
  const Augmenter shifts(manifestOf(R"(,"shift":2)"), 1), turns(manifestOf(R"(,"rotate":10)"), 1),
      scales(manifestOf(R"(,"scale":0.2)"), 1);
  double sum = 0, squares = 0, mostAngle = 0, leastFactor = 9, mostFactor = 0;
  for (uint32_t image = 0; image < 4000; ++image) {
    const Movement moved = shifts.movement(0, image), turned = turns.movement(0, image),
                   scaled = scales.movement(0, image);
    EXPECT_EQ(moved.a, 1.0f);
    EXPECT_LE(std::fabs(moved.e), 2.0f);
    sum += moved.e, squares += double(moved.f) * moved.f;
    EXPECT_NEAR(std::hypot(turned.a, turned.b), 1, 1e-6);
    mostAngle = std::max(mostAngle, double(std::atan2(turned.b, turned.a)) * 180 / M_PI);
    leastFactor = std::min(leastFactor, 1 / double(scaled.a));
    mostFactor = std::max(mostFactor, 1 / double(scaled.a));
  }
  EXPECT_NEAR(sum / 4000, 0, 0.08);
  EXPECT_NEAR(squares / 4000, 4.0 / 3, 0.08);
  EXPECT_GT(mostAngle, 9.9);
  EXPECT_LE(mostAngle, 10.0001);
  EXPECT_NEAR(leastFactor, 0.8, 0.01);
  EXPECT_NEAR(mostFactor, 1.2, 0.01);
  // Another step, image or seed is another movement.
  EXPECT_EQ(shifts.movement(5, 7).e, shifts.movement(5, 7).e);
  EXPECT_NE(shifts.movement(5, 7).e, shifts.movement(6, 7).e);
  EXPECT_NE(shifts.movement(5, 7).e, shifts.movement(5, 8).e);
  EXPECT_NE(shifts.movement(5, 7).e, Augmenter(manifestOf(R"(,"shift":2)"), 2).movement(5, 7).e);
}

TEST_F(Augment, batchesAreTheSameForAnyThreadsAndAnyBeginning) {
  TemporaryFolder folder;
  writeDataSet(folder.path, 50, 10);
  const Manifest manifest = manifestOf(R"(,"shift":2,"rotate":10,"scale":0.1)");
  Dataset training, test;
  loadBoth(folder.path, manifest, training, test);
  const Normalizer normalizer(manifest);
  const Augmenter augmenter(manifest, 5);
  std::vector<std::vector<float>> first;
  for (auto [threads, begin] : {std::pair<int, uint64_t>{1, 0}, {3, 0}, {2, 17}}) {
    ThreadPool pool(threads);
    Sampler sampler(50, 16, 5);
    Batches batches({training, normalizer, augmenter}, sampler, 16, begin, 40, pool);
    for (uint64_t step = begin; step < 40; ++step) {
      const float *images = batches.next().images;
      pool.forEach(7, [](int, int) {});
      std::vector<float> batch(images, images + 16 * 784);
      if (first.size() <= step)
        first.push_back(batch);
      ASSERT_EQ(batch, first[step]) << threads << " threads, step " << step;
    }
  }
  EXPECT_NE(first[0], first[1]);
}

// The whole program: other weights than without augmentation, the same for any threads and after
// resuming, and a validation that does not know of it.
TEST_F(Augment, trainingResumesBitForBit) {
  TemporaryFolder folder;
  mkdir(folder.file("data").c_str(), 0777);
  writeDataSet(folder.file("data"), 400, 100);
  auto train = [&](const char *program, std::vector<std::string> more) {
    std::vector<std::string> command = {std::string(WEIR_TEST_PROGRAMS) + "/" + program, "train",
                                        "--data", "data", "--json"};
    command.insert(command.end(), more.begin(), more.end());
    Outcome outcome = run(command, {folder.path});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out)["weights_sha256"].get<std::string>();
  };
  const std::string whole = train("fake-augmented", {"--epochs", "3", "--checkpoint", "whole"});
  EXPECT_NE(whole, train("fake-net", {"--epochs", "3", "--checkpoint", "plain"}));
  EXPECT_EQ(whole, train("fake-augmented",
                         {"--epochs", "3", "--threads", "3", "--checkpoint", "threads"}));
  train("fake-augmented", {"--epochs", "1", "--checkpoint", "w"});
  EXPECT_EQ(whole, train("fake-augmented", {"--epochs", "3", "--checkpoint", "w", "--resume"}));
}

} // namespace weir
