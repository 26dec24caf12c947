// Running statistics are part of the net: saved, loaded, counted, and left alone by inference.
#include "runtime/Checkpoint.h"
#include "runtime/Evaluate.h"
#include "runtime/Safetensors.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <cstring>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace weir {

using namespace test;
using Json = nlohmann::json;

class Statistics : public testing::Test {
protected:
  TemporaryFolder folder;
  const Manifest manifest = [] {
    FakeShape shape;
    shape.statistics = true;
    return readManifest(makeFakeProgram(shape));
  }();
  const Variable &named(const std::string &name) const {
    for (const Variable &variable : manifest.variables)
      if (variable.name == name)
        return variable;
    throw std::out_of_range(name);
  }
  void trainSteps(Net &net, uint64_t count) {
    std::vector<float> images(32 * 784);
    std::vector<int32_t> labels(32);
    for (size_t i = 0; i < images.size(); ++i)
      images[i] = float(i * 2654435761u % 1000) / 1000;
    for (uint64_t step = 0; step < count; ++step)
      net.trainStep(*manifest.trainEntry(), images.data(), labels.data(), 0.01f, 1, step);
  }
};

TEST_F(Statistics, startAsZerosAndOnesAndAreNotTrainable) {
  Net net(manifest, 1);
  net.initialize(1);
  for (uint64_t i = 0; i < 16; ++i) {
    EXPECT_EQ(net.values(named("dense_1.mean"))[i], 0.0f);
    EXPECT_EQ(net.values(named("dense_1.variance"))[i], 1.0f);
  }
  EXPECT_EQ(named("dense_1.mean").kind, Variable::Kind::Statistic);
  EXPECT_TRUE(named("dense_1.mean").isOfNet());
  EXPECT_FALSE(named("dense_1.mean").trainable);
  EXPECT_EQ(manifest.layerOf(named("dense_1.variance"))->path, "dense_1");
}

TEST_F(Statistics, areInWeightsAndInTheirDigest) {
  Net net(manifest, 1), other(manifest, 1);
  net.initialize(1);
  const std::string fresh = weightsSha256(net);
  net.values(named("dense_1.mean"))[3] = 0.5f;
  EXPECT_NE(weightsSha256(net), fresh);
  trainSteps(net, 3);
  saveWeights(folder.file("w"), net);
  const Safetensors file = readSafetensors(folder.file("w"));
  EXPECT_EQ(file.tensors.count("dense_1.mean") + file.tensors.count("dense_1.variance"), 2u);
  EXPECT_EQ(file.tensors.size(), 6u);
  loadWeights(folder.file("w"), other);
  EXPECT_EQ(weightsSha256(other), weightsSha256(net));
  EXPECT_NE(other.values(named("dense_1.mean"))[0], 0.0f);
}

TEST_F(Statistics, inferenceReadsAndNeverWritesThem) {
  writeDataSet(folder.path, 32, 30);
  const Dataset data = loadTestSet(folder.path, manifest);
  const Normalizer normalizer(manifest);
  Net net(manifest, 2);
  net.initialize(1);
  trainSteps(net, 3);
  const std::string before(reinterpret_cast<const char *>(net.block().data()), net.block().size());
  const double loss = evaluate(net, data, normalizer).loss;
  EXPECT_EQ(std::memcmp(net.block().data(), before.data(), before.size()), 0);
  net.values(named("dense_1.mean"))[0] += 1;
  EXPECT_NE(evaluate(net, data, normalizer).loss, loss);
}

// The commands, on a program whose net has statistics.
TEST_F(Statistics, surviveTrainingResumingAndEvaluation) {
  Start start{folder.path};
  mkdir(folder.file("data").c_str(), 0777);
  writeDataSet(folder.file("data"), 400, 100);
  auto fake = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), std::string(WEIR_TEST_PROGRAMS) + "/fake-statistics");
    Outcome outcome = run(arguments, start);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return Json::parse(outcome.out);
  };
  const Json whole =
      fake({"train", "--data", "data", "--epochs", "4", "--checkpoint", "whole", "--json"});
  fake({"train", "--data", "data", "--epochs", "2", "--json"});
  const Json rest = fake({"train", "--data", "data", "--epochs", "4", "--resume", "--json"});
  EXPECT_EQ(rest["weights_sha256"], whole["weights_sha256"]);
  const std::string before = readText(folder.file("whole"));
  const Json evaluation = fake({"eval", "--data", "data", "--weights", "whole", "--json"});
  EXPECT_EQ(evaluation["weights_sha256"], whole["weights_sha256"]);
  EXPECT_EQ(evaluation["loss"], whole["epochs"][3]["val_loss"]);
  EXPECT_EQ(readText(folder.file("whole")), before);
  const Json info = fake({"info", "--json"});
  EXPECT_EQ(info["trainable_parameters"], 12730);
  EXPECT_EQ(info["total_parameters"], 12762);
}

} // namespace weir
