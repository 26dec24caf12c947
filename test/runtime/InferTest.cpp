// Inference over any number of images, the schedules, the progress line, CPU features, and the C
// interface.
#include "runtime/Checkpoint.h"
#include "runtime/Device.h"
#include "runtime/Evaluate.h"
#include "runtime/Finite.h"
#include "runtime/ProgressBar.h"
#include "runtime/Schedule.h"
#include "runtime/weir.h"
#include "test/runtime/FakeNet.h"
#include "test/runtime/Support.h"

#include <cmath>
#include <cstring>

extern "C" const void *weirHeaderTest(void);

namespace weir {

using namespace test;

static std::vector<float> someImages(uint64_t count) {
  std::vector<float> images(count * 784);
  for (size_t i = 0; i < images.size(); ++i)
    images[i] = float(i * 2654435761u % 1000) / 1000;
  return images;
}

TEST(Infer, anyCountEqualsOneByOne) {
  const std::vector<float> images = someImages(40);
  for (const std::vector<int> &batches : {std::vector<int>{1, 8}, {8, 3, 1}, {7}, {8, 5}}) {
    FakeShape shape;
    shape.inferBatches = {1};
    const Manifest one = readManifest(makeFakeProgram(shape));
    auto write = [&](uint64_t index, float *values) {
      std::memcpy(values, &images[index * 784], 784 * 4);
    };
    Net single(one, 1);
    single.initialize(1);
    const std::vector<float> expected = inferAll(single, 40, write);
    shape.inferBatches = batches;
    const Manifest manifest = readManifest(makeFakeProgram(shape));
    for (int threads : {1, 2}) {
      Net net(manifest, threads);
      net.initialize(1);
      for (uint64_t count : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 33, 40}) {
        std::vector<float> logits = inferAll(net, count, write);
        EXPECT_EQ(logits, std::vector<float>(expected.begin(), expected.begin() + long(count * 10)))
            << count;
      }
    }
  }
}

TEST(Infer, softmaxAndEvaluation) {
  const float logits[3] = {1000, 999, -1000};
  std::vector<double> chances = softmax(logits, 3);
  EXPECT_NEAR(chances[0], 1 / (1 + std::exp(-1.0)), 1e-12);
  EXPECT_NEAR(chances[2], 0, 1e-12);

  TemporaryFolder folder;
  writeDataSet(folder.path, 32, 30);
  const Manifest manifest = readManifest(makeFakeProgram({}));
  const Dataset data = loadTestSet(folder.path, manifest);
  Net net(manifest, 1); // all weights zero: every class is as likely
  Evaluation evaluation = evaluate(net, data, Normalizer(manifest));
  EXPECT_NEAR(evaluation.loss, std::log(10.0), 1e-12);
  EXPECT_DOUBLE_EQ(evaluation.accuracy, 0.1);
  for (size_t label = 0; label < 10; ++label)
    EXPECT_EQ(evaluation.confusion[label * 10], 3u);
}

TEST(Schedule, formulas) {
  const ScheduleFacts facts{0.1, 100, 10};
  auto rate = [&](const Setting &setting, uint64_t step) {
    return learningRateOf(setting, facts, step);
  };
  EXPECT_DOUBLE_EQ(rate({"constant", {}}, 57), 0.1);
  const Setting warm{"cosine", {{"warmup", 10}, {"final", 0.5}}};
  EXPECT_DOUBLE_EQ(rate(warm, 0), 0.01);
  EXPECT_DOUBLE_EQ(rate(warm, 9), 0.1);
  EXPECT_DOUBLE_EQ(rate(warm, 10), 0.1);
  EXPECT_NEAR(rate(warm, 55), 0.075, 1e-12);
  EXPECT_NEAR(rate(warm, 100), 0.05, 1e-12);
  const Setting steps{"step", {{"every", 3}, {"factor", 0.5}}};
  EXPECT_DOUBLE_EQ(rate(steps, 29), 0.1);
  EXPECT_DOUBLE_EQ(rate(steps, 30), 0.05);
  EXPECT_DOUBLE_EQ(rate(steps, 60), 0.025);
  const Setting line{"linear", {}};
  EXPECT_NEAR(rate(line, 25), 0.075, 1e-12);
  EXPECT_NEAR(rate(line, 100), 0, 1e-12);
  const Setting cycle{"one_cycle", {}};
  EXPECT_NEAR(rate(cycle, 0), 0.1 / 25, 1e-12);
  EXPECT_NEAR(rate(cycle, 30), 0.1, 1e-12);
  EXPECT_NEAR(rate(cycle, 99), 0.1 / 25 / 1e4, 1e-12);
  EXPECT_GT(rate(cycle, 50), rate(cycle, 60));
  const Setting allWarm{"cosine", {{"warmup", 1000}}};
  EXPECT_NEAR(rate(allWarm, 99), 0.01, 1e-12);
  EXPECT_THROW(rate({"magic", {}}, 0), InternalError);
}

TEST(ProgressBar, fitsTheTerminal) {
  const ProgressBar::State state{50, 2, 25, 100, 0.5, 0.75};
  const std::string line = progressLine(state, 30, 65, 80);
  EXPECT_CONTAINS(line, "epoch 2/30 [");
  EXPECT_CONTAINS(line, " 25/100  loss 0.5000  accuracy 0.7500  1:05 left");
  for (int columns : {1, 5, 40, 60, 80, 200})
    EXPECT_LT(int(progressLine(state, 30, 65, columns).size()), std::max(2, columns));
  EXPECT_CONTAINS(progressLine(state, 30, 7325, 120), "2:02:05 left");
}

TEST(Device, featuresAndRefusals) {
#if defined(__x86_64__)
  EXPECT_TRUE(cpuHas("sse2"));
  EXPECT_EQ(cpuHas("avx2"), bool(__builtin_cpu_supports("avx2")));
  EXPECT_EQ(cpuHas("avx512f"), bool(__builtin_cpu_supports("avx512f")));
  EXPECT_EQ(cpuHas("fma"), bool(__builtin_cpu_supports("fma")));
#endif
  EXPECT_FALSE(cpuHas("avx9000"));
  FakeShape shape;
  shape.cpuFeatures = {"sse2", "avx9000", "quantum"};
  const Manifest manifest = readManifest(makeFakeProgram(shape));
  EXPECT_CONTAINS(errorOf([&] { checkCpu(manifest); }),
                  "this program was compiled for 'x86-64-linux', and this machine's CPU lacks "
                  "avx9000, quantum;");
  EXPECT_CONTAINS(errorOf([&] { chooseDevice({manifest}, "cuda"); }),
                  "--device cuda cannot be used: this program was compiled for cpu");
  EXPECT_CONTAINS(errorOf([&] { chooseDevice({manifest}, "tpu"); }), "but got 'tpu'");
  EXPECT_EQ(chooseDevice({manifest}, "auto").name, "cpu");
}

TEST(Finite, namesTheFirstLayer) {
  const Manifest manifest = readManifest(makeFakeProgram({}));
  Net net(manifest, 1);
  EXPECT_FALSE(firstNonFinite(net));
  net.values(manifest.variables[2])[5] = NAN;
  net.values(manifest.variables[1])[3] = INFINITY;
  net.values(manifest.variables[1])[4] = -INFINITY;
  EXPECT_EQ(firstNonFinite(net)->text,
            "2 of 16 values of 'dense_1.bias' (layer 'dense_1', fake.weir:4:7) are not finite");
  net.values(manifest.variables[0])[0] = -3e30f;
  net.values(manifest.variables[1])[3] = net.values(manifest.variables[1])[4] = 0;
  net.values(manifest.variables[2])[5] = 0;
  EXPECT_CONTAINS(largestWeight(net), "3e+30 in 'dense_1.weight' (layer 'dense_1'");
}

TEST(Library, infersAndTrains) {
  EXPECT_NE(weirHeaderTest(), nullptr); // weir.h and Program.h are C
  const weir_program &program = makeFakeProgram({});
  weir_net *net = weir_net_create(&program, 2, 1);
  ASSERT_NE(net, nullptr) << weir_last_error();
  int64_t shape[3], classes;
  weir_net_shape(net, shape, &classes);
  EXPECT_EQ(shape[0] * shape[1] * shape[2], 784);
  EXPECT_EQ(classes, 10);
  ASSERT_EQ(weir_net_train_batch(net), 32);

  const std::vector<float> images = someImages(32);
  std::vector<int32_t> labels(32);
  for (int i = 0; i < 32; ++i)
    labels[size_t(i)] = i % 10;
  float first = 0, last = 0;
  int32_t correct = -1;
  for (int step = 0; step < 50; ++step) {
    ASSERT_EQ(weir_net_train_step(net, images.data(), labels.data(), 0.02f, &last, &correct), 0)
        << weir_last_error();
    if (step == 0)
      first = last;
  }
  EXPECT_LT(last, first);
  EXPECT_GE(correct, 0);

  std::vector<float> all(32 * 10), one(10), loaded(32 * 10);
  ASSERT_EQ(weir_net_infer(net, images.data(), 32, all.data()), 0);
  for (size_t i = 0; i < 32; ++i) {
    ASSERT_EQ(weir_net_infer(net, &images[i * 784], 1, one.data()), 0);
    EXPECT_EQ(one, std::vector<float>(all.begin() + long(i * 10), all.begin() + long(i * 10 + 10)));
  }
  TemporaryFolder folder;
  ASSERT_EQ(weir_net_save(net, folder.file("w").c_str()), 0);
  weir_net *other = weir_net_create(&program, 1, 2);
  ASSERT_EQ(weir_net_load(other, folder.file("w").c_str()), 0) << weir_last_error();
  ASSERT_EQ(weir_net_infer(other, images.data(), 32, loaded.data()), 0);
  EXPECT_EQ(loaded, all);
  weir_net_destroy(other);
  weir_net_destroy(net);
}

TEST(Library, reportsErrors) {
  EXPECT_EQ(weir_net_create(nullptr, 1, 1), nullptr);
  EXPECT_CONTAINS(weir_last_error(), "NULL");
  EXPECT_EQ(weir_net_create(&makeFakeProgram({}), 0, 1), nullptr);
  EXPECT_CONTAINS(weir_last_error(), "1 to 256 threads, but got 0");
  weir_net *net = weir_net_create(&makeFakeProgram({}), 1, 1);
  EXPECT_EQ(weir_net_load(net, "/no/such/file"), -1);
  EXPECT_CONTAINS(weir_last_error(), "'/no/such/file'");
  std::vector<float> images(32 * 784);
  std::vector<int32_t> labels(32, 10);
  EXPECT_EQ(weir_net_train_step(net, images.data(), labels.data(), 0.1f, nullptr, nullptr), -1);
  EXPECT_CONTAINS(weir_last_error(), "labels of 0 to 9, but got 10");
  EXPECT_EQ(weir_net_train_step(net, images.data(), labels.data(), NAN, nullptr, nullptr), -1);
  EXPECT_CONTAINS(weir_last_error(), "learning rate");
  weir_net_destroy(net);

  FakeShape shape;
  shape.trains = false;
  net = weir_net_create(&makeFakeProgram(shape), 1, 1);
  EXPECT_EQ(weir_net_train_batch(net), 0);
  EXPECT_EQ(weir_net_train_step(net, images.data(), labels.data(), 0.1f, nullptr, nullptr), -1);
  EXPECT_CONTAINS(weir_last_error(), "no train block");
  weir_net_destroy(net);
  shape.cpuFeatures = {"avx9000"};
  EXPECT_EQ(weir_net_create(&makeFakeProgram(shape), 1, 1), nullptr);
  EXPECT_CONTAINS(weir_last_error(), "lacks avx9000");
}

} // namespace weir
