// A net on a GPU of FakeCuda.cpp: the same numbers as on the CPU from every command, and the order
// of the calls to the driver.
#include "runtime/DeviceNet.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <nlohmann/json.hpp>

namespace weir::test {
namespace {

using Json = nlohmann::json;

class DeviceNetTest : public testing::Test {
protected:
  void SetUp() override { writeDataSet(folder.path, 410, 60); }

  Outcome start(const std::string &device, std::vector<std::string> arguments,
                const std::string &fakeCuda = "", const std::string &driver = "whole",
                const std::string &net = WEIR_TEST_PROGRAMS "/fake-cuda") {
    arguments.insert(arguments.begin(), net);
    arguments.insert(arguments.end(), {"--device", device});
    Start options;
    options.folder = folder.path;
    options.environment = {"LD_LIBRARY_PATH=" WEIR_TEST_DRIVERS "/" + driver,
                           "FAKE_CUDA=" + fakeCuda, "FAKE_CUDA_LOG=" + folder.file("calls")};
    return run(arguments, options);
  }
  Json json(const std::string &device, std::vector<std::string> arguments,
            const std::string &fakeCuda = "", const std::string &driver = "whole",
            const std::string &net = WEIR_TEST_PROGRAMS "/fake-cuda") {
    arguments.push_back("--json");
    const Outcome result = start(device, arguments, fakeCuda, driver, net);
    EXPECT_EQ(result.code, 0) << result.err;
    return Json::parse(result.out);
  }
  std::vector<std::string> train(const std::string &file, const std::string &epochs = "3") {
    return {"train", "--data", folder.path, "--epochs", epochs, "--checkpoint", file};
  }

  /// The calls to the driver, in order.
  std::vector<std::string> calls() {
    std::vector<std::string> list;
    std::string text = readText(folder.file("calls"));
    for (size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
      list.push_back(text.substr(at, end - at));
    return list;
  }

  TemporaryFolder folder;
};

TEST_F(DeviceNetTest, TrainingGivesTheCpusNumbers) {
  const Json cpu = json("cpu", train("cpu.safetensors")),
             cuda = json("cuda", train("cuda.safetensors"));
  EXPECT_EQ(cuda["device"], "cuda:0");
  EXPECT_EQ(cuda["device_reason"], "--device cuda: Fake GPU 0, compute capability 8.6");
  EXPECT_EQ(cuda["data_on_device"], true);
  EXPECT_EQ(cpu["data_on_device"], false);
  EXPECT_EQ(cuda["weights_sha256"], cpu["weights_sha256"]);
  for (size_t epoch = 0; epoch < 3; ++epoch)
    for (const char *field : {"train_loss", "train_accuracy", "val_loss", "val_accuracy"})
      EXPECT_EQ(cuda["epochs"][epoch][field], cpu["epochs"][epoch][field]);
}

// A recipe that moves its images at random makes batches on the host.
TEST_F(DeviceNetTest, AugmentedImagesGoThereBatchByBatch) {
  const std::string net = WEIR_TEST_PROGRAMS "/fake-cuda-augmented";
  const Json cuda = json("cuda", train("cuda.safetensors"), "", "whole", net),
             cpu = json("cpu", train("cpu.safetensors"), "", "whole", net);
  EXPECT_EQ(cuda["data_on_device"], false);
  EXPECT_EQ(cuda["weights_sha256"], cpu["weights_sha256"]);
}

TEST_F(DeviceNetTest, ARunIsResumedOnAnotherDevice) {
  const Json whole = json("cpu", train("whole.safetensors", "4"));
  json("cuda", train("part.safetensors", "2"));
  std::vector<std::string> more = train("part.safetensors", "4");
  more.push_back("--resume");
  EXPECT_EQ(json("cpu", more)["weights_sha256"], whole["weights_sha256"]);
}

TEST_F(DeviceNetTest, KeepsTheBestEpochAndEvaluatesIt) {
  std::vector<std::string> best = train("best.safetensors");
  best.insert(best.end(), {"--keep", "best"});
  const Json trained = json("cuda", best);
  const std::vector<std::string> eval = {"eval", "--data", folder.path, "--weights",
                                         "best.safetensors"};
  const Json cuda = json("cuda", eval), cpu = json("cpu", eval);
  EXPECT_EQ(cuda["confusion"], cpu["confusion"]);
  EXPECT_EQ(cuda["loss"], cpu["loss"]);
  EXPECT_EQ(cuda["weights_sha256"], trained["weights_sha256"]);
}

TEST_F(DeviceNetTest, NothingWaitsInsideAStepAndAStepIsOneGraph) {
  json("cuda", train("a.safetensors", "2"));
  const std::vector<std::string> list = calls();
  const std::vector<std::string> step = {"upload", "graph", "download", "mark"};
  // A call is five of the driver's; where one follows another, the host waits first for the mark of
  // the call before the last.
  size_t steps = 0, waits = 0;
  for (size_t i = 0; i + step.size() <= list.size(); ++i) {
    if (!std::equal(step.begin(), step.end(), list.begin() + long(i)))
      continue;
    ++steps;
    waits += i > 0 && list[i - 1] == "wait";
  }
  // 2 epochs of 12.8 steps and an evaluation of 60 images in 7 batches of 8 and 4 of 1, twice; the
  // first call of each of the three entries is no graph yet, and six are timed: waited for on both
  // sides.
  constexpr int timed = 3 * 6 * 2, weightsLookedAt = 12;
  EXPECT_LT(std::count(list.begin(), list.end(), "synchronize"), timed + weightsLookedAt);
  EXPECT_EQ(steps + 3 * 7, 25u + 2 * 11);
  EXPECT_EQ(waits, 23u);
  EXPECT_EQ(std::count(list.begin(), list.end(), "launch"), 4);
  EXPECT_EQ(std::count(list.begin(), list.end(), "begin-graph"), 6);
  EXPECT_EQ(std::count(list.begin(), list.end(), "node"), 8);
  EXPECT_EQ(std::count(list.begin(), list.end(), "load"), 4);
  // Nothing is allocated after the first step.
  const auto firstGraph = std::find(list.begin(), list.end(), "graph");
  EXPECT_EQ(std::find(firstGraph, list.end(), "allocate"), list.end());
}

TEST_F(DeviceNetTest, WithoutGraphsLaunchesDoTheSame) {
  const Json cuda = json("cuda", train("a.safetensors"), "", "old");
  std::vector<std::string> list = calls();
  EXPECT_EQ(std::count(list.begin(), list.end(), "graph"), 0);
  EXPECT_EQ(cuda["weights_sha256"], json("cpu", train("b.safetensors"))["weights_sha256"]);
  // A driver that refuses a recording.
  for (const char *refusal : {"cuGraphInstantiate=999", "cuGraphAddKernelNode=999"}) {
    const Json refused = json("cuda", train("c.safetensors"), refusal);
    EXPECT_EQ(refused["weights_sha256"], cuda["weights_sha256"]);
  }
}

TEST_F(DeviceNetTest, CheckAndBenchRunOnTheDevice) {
  const Json check = json("cuda", {"check", "--data", folder.path});
  EXPECT_EQ(check["device"], "cuda:0");
  EXPECT_EQ(check["learned"], true);
  EXPECT_EQ(check["loss"], json("cpu", {"check", "--data", folder.path})["loss"]);
  const Json bench = json("cuda", {"bench", "--seconds", "0.05"});
  EXPECT_EQ(bench["device"], "cuda:0");
  EXPECT_EQ(bench["target"], "cuda");
  for (const Json &entry : bench["entries"])
    EXPECT_GT(entry["min_ms"], 0);
}

TEST_F(DeviceNetTest, WhatTheDriverSaysReachesTheUser) {
  Outcome result = start("cuda", {"bench", "--seconds", "0.01"}, "cuModuleLoadDataEx=222");
  EXPECT_EQ(result.code, 1);
  EXPECT_CONTAINS(result.err, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)");
  EXPECT_CONTAINS(result.err, "ptxas: line 7, what the assembler says");
  result = start("cuda", {"bench", "--seconds", "0.01"}, "cuLaunchKernel=999");
  EXPECT_EQ(result.code, 70);
  EXPECT_CONTAINS(result.err, "launching 'all' (1 x 1 x 1 blocks of 1 x 1 x 1 threads");
}

TEST_F(DeviceNetTest, ADeviceThatIsTooSmallIsToldBeforeTheFirstAllocation) {
  const Outcome result = start("cuda", train("a.safetensors"), "free=20000000");
  EXPECT_EQ(result.code, 1);
  EXPECT_CONTAINS(result.err, "error: net 'fake' does not fit on cuda:0: 'train_step' at batch 32 "
                              "needs about 32.3 MB (variables 0.1, arena 0.0, ");
  EXPECT_CONTAINS(result.err, ", and 19.1 MB are free; not even a batch of 1 would");
  const std::vector<std::string> list = calls();
  EXPECT_EQ(std::count(list.begin(), list.end(), "allocate"), 0);
}

TEST(DeviceMemory, TheLargestBatchThatFitsIsNamed) {
  FakeShape shape;
  shape.hidden = 100000;
  const Manifest manifest = readManifest(makeFakeProgram(shape));
  const DeviceMemoryNeed need = deviceMemoryNeed(manifest);
  EXPECT_EQ(need.variables, manifest.variablesBytes);
  EXPECT_EQ(need.arena, manifest.trainEntry()->arenaBytes);
  const uint64_t total = need.total();
  checkDeviceMemory(manifest, "cuda:0", total, total);
  // Half the batch has half the arena, its reserve and inputs.
  const std::string text = errorOf([&] {
    checkDeviceMemory(manifest, "cuda:0", total - (need.arena + need.arena / 4 + need.inputs) / 2,
                      total);
  });
  EXPECT_CONTAINS(text, "by the plan a batch of about 16 would fit: weir compile fake.weir --set "
                        "batch=16");
  EXPECT_CONTAINS(errorOf([&] { checkDeviceMemory(manifest, "opencl:0", total, need.arena / 2); }),
                  "and one block may have");
}

} // namespace
} // namespace weir::test
