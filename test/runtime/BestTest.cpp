// The best epoch: its weights in the checkpoint beside the last ones, patience, and resuming both.
#include "runtime/Best.h"
#include "runtime/Safetensors.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <cstring>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace weir {

using namespace test;
using Json = nlohmann::json;

static Evaluation evaluation(double accuracy, double loss) { return {loss, accuracy, {}}; }

class BestEpochs : public testing::Test {
protected:
  TemporaryFolder folder;
  const std::string path = folder.file("w.safetensors");
  const Manifest manifest = readManifest(makeFakeProgram({}));
};

TEST_F(BestEpochs, higherAccuracyThenLowerLoss) {
  Net net(manifest, 1);
  Progress progress;
  Best best(net, progress);
  auto bestAfter = [&](uint64_t epoch, double accuracy, double loss) {
    best.offer(epoch, evaluation(accuracy, loss));
    return progress.best.epoch;
  };
  EXPECT_EQ(bestAfter(1, 0.5, 2), 1u);
  EXPECT_EQ(bestAfter(2, 0.5, 2), 1u);
  EXPECT_EQ(bestAfter(3, 0.5, 1.9), 3u);
  EXPECT_EQ(bestAfter(4, 0.4, 0.1), 3u);
  EXPECT_EQ(bestAfter(5, 0.6, 9), 5u);
  EXPECT_EQ(best.kept(), nullptr) << "weights are held only if they are to be kept";
}

TEST_F(BestEpochs, patienceCountsFromTheBest) {
  Net net(manifest, 1);
  Progress progress;
  Best best(net, progress);
  EXPECT_FALSE(best.patienceEndedAt(0));
  best.offer(3, evaluation(0.5, 1));
  EXPECT_FALSE(best.patienceEndedAt(100)) << "no patience is no end";
  progress.patience = 2;
  EXPECT_FALSE(best.patienceEndedAt(4));
  EXPECT_TRUE(best.patienceEndedAt(5));
}

TEST_F(BestEpochs, theFilePresentsTheBestAndResumesTheLast) {
  Net net(manifest, 1), other(manifest, 1);
  net.initialize(1);
  Progress progress;
  progress.keepBest = true;
  progress.patience = 7;
  Best best(net, progress);
  best.offer(1, evaluation(0.75, 0.5));
  const std::string bestDigest = weightsSha256(net);
  EXPECT_EQ(best.kept(), nullptr) << "the net still is the best";
  for (const Variable &variable : manifest.variables)
    net.values(variable)[0] += 1;
  best.netMoved();
  ASSERT_NE(best.kept(), nullptr);
  const std::string lastDigest = weightsSha256(net);
  saveCheckpoint(path, net, progress, best.kept());

  loadWeights(path, other);
  EXPECT_EQ(weightsSha256(other), bestDigest);
  Resumed resumed = loadCheckpoint(path, other);
  EXPECT_EQ(std::memcmp(net.block().data(), other.block().data(), manifest.variablesBytes), 0);
  EXPECT_EQ(resumed.progress.best.epoch, 1u);
  EXPECT_EQ(resumed.progress.best.accuracy, 0.75);
  EXPECT_EQ(resumed.progress.best.loss, 0.5);
  EXPECT_EQ(resumed.progress.patience, 7u);
  EXPECT_TRUE(resumed.progress.keepBest);
  Best again(other, resumed.progress, std::move(resumed.kept));
  EXPECT_EQ(weightsSha256(other), lastDigest);
  again.restore();
  EXPECT_EQ(weightsSha256(other), bestDigest);

  // A bit that flips in the last weights is found too.
  std::string bytes = readText(path);
  const Safetensors file = readSafetensors(path);
  const StoredTensor &last = file.tensors.at("last:dense_1.weight");
  const size_t at =
      bytes.find(std::string(reinterpret_cast<const char *>(last.data), size_t(last.bytes)));
  ASSERT_NE(at, std::string::npos);
  bytes[at] = char(bytes[at] ^ 1);
  writeText(path, bytes);
  EXPECT_CONTAINS(errorOf([&] { loadCheckpoint(path, other); }), "SHA-256");
}

// The commands, on data whose test set has wrong labels: the surer the net, the worse it validates.
class BestCommand : public testing::Test {
protected:
  TemporaryFolder folder;

  void SetUp() override {
    mkdir(folder.file("data").c_str(), 0777);
    writeDataSet(folder.file("data"), 200, 60);
    Bytes labels = learnableLabels(60);
    for (size_t i = 0; i < labels.size(); i += 3)
      labels[i] = uint8_t((labels[i] + 1) % 10);
    writeBytes(folder.file("data/t10k-labels-idx1-ubyte"), idx(0x801, {60}, labels));
  }
  Outcome fake(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), std::string(WEIR_TEST_PROGRAMS) + "/fake-net");
    return run(arguments, {folder.path});
  }
  Json train(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"train",  "--data",          "data",
                                          "--json", "--learning-rate", "0.1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Outcome outcome = fake(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.code == 0 ? Json::parse(outcome.out) : Json();
  }
  // The epoch that should be kept, from the epochs' own numbers.
  static Json bestOf(const Json &epochs) {
    Json best = epochs.at(0);
    for (const Json &epoch : epochs)
      if (epoch["val_accuracy"] > best["val_accuracy"] ||
          (epoch["val_accuracy"] == best["val_accuracy"] && epoch["val_loss"] < best["val_loss"]))
        best = epoch;
    return best;
  }
};

TEST_F(BestCommand, keepsTheBestEpoch) {
  const Json all = train({"--epochs", "8", "--checkpoint", "last"});
  const Json best = bestOf(all["epochs"]);
  ASSERT_NE(best["epoch"], 8) << "the test needs a run whose last epoch is not its best";
  EXPECT_EQ(all["best_epoch"], best["epoch"]);
  EXPECT_EQ(all["keep"], "last");
  EXPECT_EQ(all["val_loss"], all["epochs"][7]["val_loss"]);

  const Json kept = train({"--epochs", "8", "--keep", "best", "--checkpoint", "best"});
  EXPECT_EQ(kept["epochs"].size(), 8u);
  EXPECT_EQ(kept["keep"], "best");
  EXPECT_EQ(kept["val_loss"], best["val_loss"]);
  Json evaluated = Json::parse(fake({"eval", "--data", "data", "--weights", "best", "--json"}).out);
  EXPECT_EQ(evaluated["loss"], best["val_loss"]);
  EXPECT_EQ(evaluated["weights_sha256"], kept["weights_sha256"]);
  EXPECT_NE(kept["weights_sha256"], all["weights_sha256"]);
}

TEST_F(BestCommand, resumesWhatItKept) {
  const Json whole = train({"--epochs", "9", "--keep", "best", "--checkpoint", "whole"});
  for (const char *first : {"1", "4", "8"}) {
    train({"--epochs", first, "--keep", "best", "--checkpoint", "w"});
    const Json rest = train({"--epochs", "9", "--resume", "--checkpoint", "w"});
    EXPECT_EQ(rest["weights_sha256"], whole["weights_sha256"]) << first;
    EXPECT_EQ(rest["best_epoch"], whole["best_epoch"]) << first;
    EXPECT_EQ(readText(folder.file("w")), readText(folder.file("whole"))) << first;
  }
  // The last weights are there as well.
  const Json last = train({"--epochs", "9", "--checkpoint", "last"});
  EXPECT_EQ(train({"--resume", "--keep", "last", "--checkpoint", "whole"})["weights_sha256"],
            last["weights_sha256"]);
}

TEST_F(BestCommand, whatWasNotKeptIsSaid) {
  train({"--epochs", "8", "--checkpoint", "w"});
  Outcome outcome = fake({"train", "--data", "data", "--resume", "--epochs", "9", "--keep", "best",
                          "--checkpoint", "w"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_CONTAINS(outcome.out,
                  "'w' was trained with --keep last, so the weights of its best epoch");
  EXPECT_CONTAINS(outcome.out, "the weights are those of epoch 9");
}

TEST_F(BestCommand, stopsWhenPatienceEnds) {
  const Json all = train({"--epochs", "40", "--checkpoint", "all"});
  const Json stopped = train({"--epochs", "40", "--patience", "2", "--checkpoint", "w"});
  EXPECT_EQ(stopped["stopped_early"], true);
  const size_t epochs = stopped["epochs"].size();
  ASSERT_LT(epochs, 40u);
  EXPECT_EQ(stopped["best_epoch"], epochs - 2);
  // The run is the beginning of the longer one, and stops at its first two worse epochs.
  for (size_t i = 0; i < epochs; ++i)
    EXPECT_EQ(stopped["epochs"][i]["val_loss"], all["epochs"][i]["val_loss"]);
  EXPECT_EQ(bestOf(stopped["epochs"])["epoch"], epochs - 2);
  EXPECT_EQ(all["stopped_early"], false);

  Outcome again = fake({"train", "--data", "data", "--resume", "--checkpoint", "w"});
  EXPECT_EQ(again.code, 0);
  EXPECT_CONTAINS(again.out, "already stopped early: no better validation accuracy for 2 epochs");
  EXPECT_EQ(train({"--resume", "--patience", "0", "--checkpoint", "w"})["weights_sha256"],
            all["weights_sha256"]);
}

TEST_F(BestCommand, followsTheRecipe) {
  FakeShape shape;
  shape.recipe = R"(,"early_stopping":{"call":"patience","epochs":5},"keep":"best")";
  const Manifest manifest = readManifest(makeFakeProgram(shape));
  EXPECT_EQ(manifest.recipe->patience, 5u);
  EXPECT_TRUE(manifest.recipe->keepBest);
  for (auto [option, value, message] :
       {std::tuple{"--patience", "-1", "--patience expects 0 (never stop early) to 1,000,000"},
        {"--keep", "some", "--keep expects best or last, but got 'some'"}}) {
    Outcome outcome = fake({"train", "--data", "data", option, value});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_CONTAINS(outcome.err, message);
  }
}

TEST_F(BestCommand, fewerEpochsThanDoneAreRefused) {
  train({"--epochs", "3", "--checkpoint", "w"});
  Outcome outcome =
      fake({"train", "--data", "data", "--resume", "--epochs", "1", "--checkpoint", "w"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: --epochs expects at least 3, for 'w' is at the end of epoch 3, but got 1\n");
  outcome = fake({"train", "--data", "data", "--resume", "--checkpoint", "w"});
  EXPECT_CONTAINS(outcome.out, "'w' already has its 3 epochs");
  EXPECT_EQ(outcome.out.find("resuming after"), std::string::npos);
}

TEST_F(BestCommand, linesOfJson) {
  Outcome outcome = fake({"train", "--data", "data", "--epochs", "3", "--json-lines", "--seed", "5",
                          "--learning-rate", "0.02"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  std::vector<Json> lines;
  for (size_t from = 0, to; (to = outcome.out.find('\n', from)) != std::string::npos; from = to + 1)
    lines.push_back(Json::parse(outcome.out.substr(from, to - from)));
  ASSERT_EQ(lines.size(), 4u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(lines[i]["epoch"], i + 1);
    EXPECT_EQ(lines[i], lines[3]["epochs"][i]);
  }
  EXPECT_EQ(lines[3]["seed"], 5);
  EXPECT_EQ(lines[3]["learning_rate"], 0.02);
  EXPECT_EQ(lines[3]["val_accuracy"], lines[2]["val_accuracy"]);
  EXPECT_EQ(fake({"train", "--json", "--json-lines"}).code, 2);
}

} // namespace weir
