// Signs of a run that will not learn: what is measured, what is said, and when nothing is.
#include "runtime/Watch.h"
#include "runtime/Net.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace weir {

using namespace test;
using Json = nlohmann::json;

class Watching : public testing::Test {
protected:
  const Manifest manifest = readManifest(makeFakeProgram({}));
  Net before{manifest, 1}, after{manifest, 1};

  void SetUp() override {
    before.initialize(1);
    std::memcpy(after.block().data(), before.block().data(), before.block().size());
  }
  float *weights(Net &net, size_t variable) { return net.values(manifest.variables[variable]); }
  // Changes the given share of dense_1's and dense_2's units by `change` of each weight's size, in
  // turns up and down.
  void move(float change, int units = 16) {
    for (size_t i = 0; i < 784 * 16; ++i)
      if (int(i % 16) < units)
        weights(after, 0)[i] += change * weights(after, 0)[i] * (i / 16 % 2 ? 1.0f : -1.0f);
    for (size_t i = 0; i < 16 * 10; ++i)
      weights(after, 2)[i] += change * weights(after, 2)[i] * (i / 10 % 2 ? 1.0f : -1.0f);
  }
  std::vector<LayerMovement> measured(uint64_t steps) {
    return measureMovement(manifest, before.block().data(), after.block().data(), steps);
  }
  // A watch that saw `steps` steps of `loss`, and the variables before and after the last of them.
  Watch watched(uint64_t steps, float loss, double rateShare = 1, double stepsPerEpoch = 100) {
    Watch watch(manifest, 0.05, stepsPerEpoch);
    for (uint64_t step = 0; step < steps; ++step)
      watch.sawStep(loss, rateShare);
    watch.compare(before.block().data(), after.block().data(), steps);
    return watch;
  }
  static std::string codes(const Watch &watch) {
    std::string text;
    for (const Warning &warning : watch.warnings())
      text += warning.code + " ";
    return text;
  }
};

TEST_F(Watching, measuresChangePerStep) {
  move(0.5f);
  const std::vector<LayerMovement> layers = measured(50);
  ASSERT_EQ(layers.size(), 2u); // biases start at 0
  EXPECT_EQ(layers[0].weight->name, "dense_1.weight");
  EXPECT_NEAR(layers[0].ratio, 0.01, 1e-6);
  EXPECT_NEAR(layers[1].ratio, 0.01, 1e-6);
  EXPECT_EQ(layers[0].units, 16u);
  EXPECT_EQ(layers[1].units, 10u);
  EXPECT_EQ(layers[0].still, 0u);
}

TEST_F(Watching, countsUnitsWithoutGradient) {
  move(0.5f, 6);
  EXPECT_EQ(measured(50)[0].still, 10u);
  EXPECT_NEAR(measured(50)[0].ratio, 0.01, 1e-6) << "of the units that moved";
  weights(after, 1)[15] += 0.001f; // a bias moves: the unit lives
  EXPECT_EQ(measured(50)[0].still, 9u);
  // Weight decay shrinks all weights of a unit alike, bias or not, and is no gradient.
  for (int step = 0; step < 200; ++step)
    for (size_t i = 0; i < 784 * 16; ++i)
      weights(after, 0)[i] *= 0.9999f;
  EXPECT_EQ(measured(50)[0].still, 9u);
  for (size_t i = 0; i < 784 * 16; ++i) // growing alike is a gradient
    weights(after, 0)[i] = weights(before, 0)[i] * 1.01f;
  EXPECT_EQ(measured(50)[0].still, 0u);
}

// A depthwise weight [kh, kw, c, multiplier] has c * multiplier units, a convolution's cout.
TEST_F(Watching, unitsOfConvolutions) {
  Manifest other = manifest;
  other.variables.resize(1);
  other.variables[0].shape = {2, 2, 98, 32}; // as many values
  EXPECT_EQ(measureMovement(other, before.block().data(), after.block().data(), 1)[0].units, 32u);
  other.layers[0].op = "depthwise_conv2d";
  EXPECT_EQ(measureMovement(other, before.block().data(), after.block().data(), 1)[0].units,
            98u * 32);
}

TEST_F(Watching, healthyRunsAreSilent) {
  move(0.3f);
  for (float loss : {2.31f, 1.5f, 0.3f, 0.001f})
    EXPECT_EQ(codes(watched(60, loss)), "") << loss;
  // A net that has learned may stand still or jump.
  std::memcpy(after.block().data(), before.block().data(), before.block().size());
  EXPECT_EQ(codes(watched(400, 0.005f)), "");
  move(100.0f);
  EXPECT_EQ(codes(watched(200, 0.3f)), "");
}

TEST_F(Watching, lossAtChance) {
  move(0.3f);
  Watch watch = watched(199, 2.303f);
  EXPECT_EQ(codes(watch), "");
  for (int step = 0; step < 200; ++step)
    watch.sawStep(2.303f, 1);
  ASSERT_EQ(codes(watch), "W201 ") << "once";
  EXPECT_CONTAINS(watch.warnings()[0].message, "the loss is still 2.3030 after ");
  EXPECT_CONTAINS(watch.warnings()[0].message, "within 1 % of ln(10) = 2.3026");
  EXPECT_EQ(watch.warnings()[0].source, "fake.weir");
  EXPECT_GE(watch.warnings()[0].causes.size(), 2u);

  EXPECT_EQ(codes(watched(1000, 2.303f, 1, 10000)), "") << "a quarter of an epoch is not over";
  EXPECT_EQ(codes(watched(1000, 2.303f, 0.05)), "") << "still warming up";
  EXPECT_EQ(codes(watched(1000, 2.34f)), "") << "more than one percent away";
  // Passing by on the way down is no sign.
  Watch falling(manifest, 0.05, 100);
  for (int step = 0; step < 1000; ++step)
    falling.sawStep(2.6f - 0.001f * float(step), 1);
  EXPECT_EQ(codes(falling), "");
}

TEST_F(Watching, weightsThatStandStillOrJump) {
  move(1e-4f);
  Watch watch = watched(200, 2.0f);
  ASSERT_EQ(codes(watch), "W202 ");
  const Warning &slow = watch.warnings()[0];
  EXPECT_CONTAINS(slow.message, "the weights of 'dense_");
  EXPECT_CONTAINS(slow.message, "(and those of 1 other layer) change by 5e-07 of their size");
  EXPECT_EQ(slow.source.rfind("fake.weir:", 0), 0u);
  EXPECT_CONTAINS(slow.causes.at(0), "the learning rate 0.05 of 'sgd' is too low");
  // The same change at a tenth of the rate is no sign: it is as large as the rate allows.
  EXPECT_EQ(codes(watched(200, 2.0f, 0.05)), "");

  move(30.0f);
  const Watch jumping = watched(50, 2.5f);
  ASSERT_EQ(codes(jumping), "W202 ");
  EXPECT_CONTAINS(jumping.warnings()[0].message, "is a jump");
  EXPECT_CONTAINS(jumping.warnings()[0].causes.at(0), "is too high");
}

TEST_F(Watching, deadUnits) {
  move(0.3f, 9);
  EXPECT_EQ(codes(watched(200, 2.0f)), "") << "7 of 16";
  std::memcpy(after.block().data(), before.block().data(), before.block().size());
  move(0.3f, 6);
  EXPECT_EQ(codes(watched(50, 2.0f)), "") << "too few steps to tell";
  EXPECT_EQ(codes(watched(300, 2.0f, 0.01)), "") << "hardly any learning rate";
  Watch watch = watched(200, 2.0f);
  ASSERT_EQ(codes(watch), "W203 ");
  EXPECT_EQ(watch.warnings()[0].message,
            "10 of 16 units behind 'dense_1.weight' had no gradient in 200 steps: they are dead");
  EXPECT_EQ(watch.warnings()[0].layer, "dense_1");
  EXPECT_EQ(watch.warnings()[0].source, "fake.weir:4:7");
}

// Only weights in front of a ReLU want He's scale; those before the softmax do not.
TEST_F(Watching, initialWeightsAreACauseBeforeReluOnly) {
  auto named = [&](const Manifest &net) {
    const Watch watch(net, 0.05, 100);
    for (const std::string &cause : watch.causesOfNoLearning())
      if (cause.find("the initial weights 'glorot_uniform'") != std::string::npos)
        return true;
    return false;
  };
  EXPECT_FALSE(named(manifest)) << "dense_2 ends the net";
  Manifest relu = manifest;
  relu.layers.push_back({"batch_norm_1", "batch_norm", "", {}, 0, 0});
  relu.layers.push_back({"relu6_1", "relu6", "", {}, 0, 0});
  EXPECT_TRUE(named(relu));
  relu.variables[2].initializer.kind = "he_normal";
  EXPECT_FALSE(named(relu));
}

TEST_F(Watching, warningsAsText) {
  EXPECT_EQ(warningText({"W203", "ten units are dead", "dense_1", "a.weir:4:7", {"this", "that"}}),
            "a.weir:4:7: warning: ten units are dead [W203]\n  1. this\n  2. that\n");
}

// Real runs of the fake net: a healthy one is silent, others are named on stderr and in the JSON.
TEST(WatchCommand, warnsOnceAndInJson) {
  TemporaryFolder folder;
  mkdir(folder.file("data").c_str(), 0777);
  writeDataSet(folder.file("data"), 800, 100);
  auto train = [&](const std::string &rate) {
    Outcome outcome = run({std::string(WEIR_TEST_PROGRAMS) + "/fake-net", "train", "--data", "data",
                           "--epochs", "9", "--json", "--learning-rate", rate},
                          {folder.path});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return std::pair{Json::parse(outcome.out)["warnings"], outcome.err};
  };
  EXPECT_EQ(train("0.05").first, Json::array());
  const auto [warnings, text] = train("1e-8");
  ASSERT_GE(warnings.size(), 1u);
  EXPECT_EQ(warnings[0]["code"], "W202");
  EXPECT_EQ(warnings[0]["layer"], "dense_2");
  EXPECT_EQ(warnings[0]["source"], "fake.weir:5:7");
  EXPECT_CONTAINS(text, "fake.weir:5:7: warning: the weights of 'dense_2.weight'");
  EXPECT_EQ(text.find("[W202]"), text.rfind("[W202]")) << "once";
}

} // namespace weir
