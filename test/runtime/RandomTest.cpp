// Random numbers, initial weights and the order of the data.
#include "runtime/Random.h"
#include "runtime/Initialize.h"
#include "runtime/Sampler.h"
#include "test/runtime/Support.h"

#include <algorithm>
#include <cmath>

namespace weir {

// Known answers of the authors' Random123 library (kat_vectors, philox4x32 10).
TEST(Random, philoxKnownAnswers) {
  using Words = std::array<uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, ~uint64_t(0)),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

static std::vector<float> initial(const std::string &kind, std::vector<uint64_t> shape,
                                  int threads = 1, uint64_t seed = 1,
                                  const std::string &name = "w") {
  Variable variable;
  variable.name = name;
  variable.shape = shape;
  variable.elements = 1;
  for (uint64_t extent : shape)
    variable.elements *= extent;
  variable.initializer = {kind, 200, 50, 0.25, 0.5, 0.125};
  std::vector<float> values(variable.elements + 1, 777.0f);
  ThreadPool pool(threads);
  initialize(variable, seed, values.data(), pool);
  EXPECT_EQ(values.back(), 777.0f) << "wrote past the end";
  values.pop_back();
  return values;
}

struct Moments {
  double mean = 0, deviation = 0, most = 0;
};

static Moments momentsOf(const std::vector<float> &values) {
  Moments result;
  for (float value : values)
    result.mean += value, result.most = std::max(result.most, double(std::fabs(value)));
  result.mean /= double(values.size());
  for (float value : values)
    result.deviation += (value - result.mean) * (value - result.mean);
  result.deviation = std::sqrt(result.deviation / double(values.size()));
  return result;
}

TEST(Initialize, deviationsFollowTheirPapers) {
  const std::pair<const char *, double> expected[] = {
      {"he_normal", std::sqrt(2 / 200.0)},       {"he_uniform", std::sqrt(2 / 200.0)},
      {"glorot_normal", std::sqrt(2 / 250.0)},   {"glorot_uniform", std::sqrt(2 / 250.0)},
      {"lecun_normal", std::sqrt(1 / 200.0)},    {"lecun_uniform", std::sqrt(1 / 200.0)},
      {"pytorch_default", std::sqrt(1 / 600.0)}, {"normal", 0.5},
      {"uniform", 0.125 / std::sqrt(3.0)}};
  for (auto [kind, deviation] : expected) {
    Moments moments = momentsOf(initial(kind, {401, 251}));
    EXPECT_NEAR(moments.mean, 0, 0.02 * deviation) << kind;
    EXPECT_NEAR(moments.deviation, deviation, 0.01 * deviation) << kind;
    const std::string name = kind;
    if (name.find("uniform") != std::string::npos || name == "pytorch_default")
      EXPECT_LE(moments.most, 1.0001 * std::sqrt(3.0) * deviation) << kind;
    else
      EXPECT_GT(moments.most, 3.5 * deviation) << kind << " is not to be truncated";
  }
}

TEST(Initialize, constants) {
  EXPECT_EQ(initial("zeros", {3}), (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(initial("ones", {2}), (std::vector<float>{1, 1}));
  EXPECT_EQ(initial("constant", {2}), (std::vector<float>{0.25, 0.25}));
  EXPECT_EQ(initial("ones", {}).size(), 1u);
}

TEST(Initialize, dependsOnSeedAndNameOnly) {
  auto values = initial("he_normal", {123, 77}, 1);
  EXPECT_EQ(initial("he_normal", {123, 77}, 3), values);
  EXPECT_NE(initial("he_normal", {123, 77}, 1, 2), values);
  EXPECT_NE(initial("he_normal", {123, 77}, 1, 1, "v"), values);
}

TEST(Initialize, orthogonalColumnsOrRows) {
  for (auto [rows, columns] : {std::pair<uint64_t, uint64_t>{40, 16}, {16, 40}}) {
    auto values = initial("orthogonal", {rows, columns});
    const uint64_t count = std::min(rows, columns), length = std::max(rows, columns);
    auto at = [&](uint64_t v, uint64_t i) {
      return rows < columns ? values[v * columns + i] : values[i * columns + v];
    };
    for (uint64_t a = 0; a < count; ++a)
      for (uint64_t b = 0; b < count; ++b) {
        double dot = 0;
        for (uint64_t i = 0; i < length; ++i)
          dot += double(at(a, i)) * at(b, i);
        EXPECT_NEAR(dot, a == b, 1e-6);
      }
  }
}

// A convolution's weight is the matrix that its patches are multiplied by, and its spread follows
// the manifest's fans (200 and 50 here), not its extents.
TEST(Initialize, weightsOfConvolutions) {
  const auto values = initial("orthogonal", {3, 3, 4, 16});
  EXPECT_EQ(values, initial("orthogonal", {36, 16}));
  for (size_t a = 0; a < 16; ++a)
    for (size_t b = 0; b < 16; ++b) {
      double dot = 0;
      for (size_t i = 0; i < 36; ++i)
        dot += double(values[i * 16 + a]) * values[i * 16 + b];
      EXPECT_NEAR(dot, a == b, 1e-6);
    }
  for (const char *kind : {"he_normal", "he_uniform", "glorot_normal", "glorot_uniform",
                           "lecun_normal", "lecun_uniform", "pytorch_default"})
    EXPECT_EQ(initial(kind, {3, 3, 64, 32}), initial(kind, {576, 32})) << kind;
}

TEST(Initialize, unknownKindIsOurMistake) { EXPECT_THROW(initial("magic", {2}), InternalError); }

TEST(Sampler, everyEpochHasEveryImageOnce) {
  Sampler sampler(10, 4, 7); // 2 steps and 2 images an epoch
  std::vector<uint32_t> stream;
  for (uint64_t step = 0; step < 10; ++step) {
    sampler.prepare(step);
    for (uint64_t slot = 0; slot < 4; ++slot)
      stream.push_back(sampler.imageAt(step, slot));
  }
  std::vector<uint32_t> first(stream.begin(), stream.begin() + 10);
  for (size_t epoch = 0; epoch < 4; ++epoch) {
    std::vector<uint32_t> images(stream.begin() + long(epoch * 10),
                                 stream.begin() + long(epoch * 10 + 10));
    if (epoch > 0)
      EXPECT_NE(images, first);
    std::sort(images.begin(), images.end());
    for (uint32_t i = 0; i < 10; ++i)
      EXPECT_EQ(images[i], i) << "epoch " << epoch;
  }
}

TEST(Sampler, countsStepsAndLeftOvers) {
  Sampler sampler(10, 4, 7);
  EXPECT_EQ(sampler.stepsIn(1), 2u);
  EXPECT_EQ(sampler.stepsIn(2), 5u);
  EXPECT_EQ(sampler.leftOverAfter(1), 2u);
  EXPECT_EQ(sampler.leftOverAfter(2), 0u);
  EXPECT_EQ(sampler.epochOf(1), 0u);
  EXPECT_EQ(sampler.epochOf(2), 1u); // half of its images are epoch 0's
}

TEST(Sampler, orderDependsOnSeedNotOnWhereItBegins) {
  Sampler whole(100, 7, 3), late(100, 7, 3), other(100, 7, 4);
  for (uint64_t step = 0; step < 60; ++step)
    whole.prepare(step);
  late.prepare(59);
  other.prepare(59);
  bool differs = false;
  for (uint64_t slot = 0; slot < 7; ++slot) {
    EXPECT_EQ(whole.imageAt(59, slot), late.imageAt(59, slot));
    differs |= whole.imageAt(59, slot) != other.imageAt(59, slot);
  }
  EXPECT_TRUE(differs);
}

} // namespace weir
