// PROG check: can the net learn one batch by heart? If not, training it for hours is in vain.
//
// A few batches are fixed, without augmentation, and trained on again and again at the recipe's own
// rate, in memory only. The order of the causes comes from what the weights did meanwhile.
#include "runtime/Begin.h"
#include "runtime/Error.h"
#include "runtime/Finite.h"
#include "runtime/Interrupt.h"
#include "runtime/TrainOutput.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace weir {

using Json = nlohmann::json;

namespace {
// A batch as the step takes it.
struct FixedBatch {
  std::vector<float> images;
  std::vector<int32_t> labels;
};

struct Verdict {
  bool learned = false, slow = false, finite = true;
  uint64_t steps = 0;
  double seconds = 0;
  double firstLoss = 0, loss = 0, accuracy = 0; // of the first and last round through the batches
  std::string stopped;                          // why it ended without having learned
  std::vector<std::string> causes;
  std::vector<Warning> warnings;
};
} // namespace

// Rises over the first steps, as a schedule with a warm-up would, and stays: the rest of a schedule
// is made for the length of a whole run.
static double rateShareAt(const Setting &schedule, uint64_t step) {
  const bool rises = schedule.call == "one_cycle" || schedule.number("warmup", 0) > 0;
  return rises ? std::min(1.0, double(step + 1) / 20) : 1.0;
}

static std::vector<FixedBatch> firstBatches(const Manifest &manifest, const Dataset &data,
                                            uint64_t count, uint64_t batch, uint64_t seed) {
  const Normalizer normalizer(manifest);
  const uint64_t size = manifest.imageSize();
  Sampler sampler(data.count(), batch, seed);
  std::vector<FixedBatch> batches(count);
  for (uint64_t step = 0; step < count; ++step) {
    sampler.prepare(step);
    FixedBatch &fixed = batches[step];
    fixed.images.resize(batch * size);
    for (uint64_t slot = 0; slot < batch; ++slot) {
      const uint32_t image = sampler.imageAt(step, slot);
      normalizer.convert(data.image(image), size, fixed.images.data() + slot * size);
      fixed.labels.push_back(data.labels.labels[image]);
    }
  }
  return batches;
}

static void findCauses(Verdict &verdict, const Watch &watch, const Net &net, double learningRate) {
  verdict.warnings = watch.warnings();
  if (verdict.learned && !verdict.slow)
    return;
  if (!verdict.finite) {
    std::optional<NonFinite> where = firstNonFinite(net);
    verdict.causes = {format("the learning rate %g is too high%s%s", learningRate,
                             where ? ": " : "", where ? where->text.c_str() : ""),
                      "the initial weights are too large: " + largestWeight(net)};
    return;
  }
  const double fell = (verdict.firstLoss - verdict.loss) / std::max(verdict.firstLoss, 1e-9);
  if (!verdict.learned && fell > 0.3 && verdict.loss < 0.9 * std::log(net.manifest.classes))
    verdict.causes.push_back(format("the loss is falling (by %.0f %%), only slowly: give more "
                                    "--seconds, or a higher learning rate than %g",
                                    100 * fell, learningRate));
  for (const std::string &cause : watch.causesOfNoLearning())
    verdict.causes.push_back(cause);
}

static Verdict overfit(Net &net, const std::vector<FixedBatch> &batches, double seconds,
                       double learningRate, uint64_t seed) {
  const Entry &entry = *net.manifest.trainEntry();
  const Setting &schedule = net.manifest.recipe->schedule;
  const double goal = 0.1 * std::log(double(net.manifest.classes));
  const double images = double(batches.size()) * entry.batch;
  const int64_t began = weir_now_ns(), end = began + int64_t(seconds * 1e9);
  Watch watch(net.manifest, learningRate, 0);
  Block before(net.block().size(), "a copy of the net's variables");
  std::memcpy(before.data(), std::as_const(net).block().data(), before.size());
  Verdict verdict;
  do {
    double loss = 0;
    int64_t correct = 0;
    for (const FixedBatch &batch : batches) {
      const double share = rateShareAt(schedule, verdict.steps);
      StepResult result = net.trainStep(entry, batch.images.data(), batch.labels.data(),
                                        float(learningRate * share), seed, verdict.steps);
      ++verdict.steps;
      loss += double(result.loss) / double(batches.size());
      correct += result.correct;
      watch.sawStep(result.loss, share);
      if (watch.wantsComparison())
        watch.compare(before.data(), std::as_const(net).block().data(), verdict.steps);
    }
    verdict.loss = loss;
    verdict.accuracy = double(correct) / images;
    if (verdict.steps == batches.size())
      verdict.firstLoss = loss;
    verdict.finite = std::isfinite(loss);
    verdict.learned = verdict.accuracy == 1 && loss < goal;
  } while (verdict.finite && !verdict.learned && weir_now_ns() < end && !interruptSignal());
  verdict.seconds = double(weir_now_ns() - began) * 1e-9;
  if (verdict.steps < 50 && verdict.finite && !verdict.learned)
    watch.compare(before.data(), std::as_const(net).block().data(), verdict.steps);
  // A recipe that fits a net needs tens of steps for a batch.
  verdict.slow = verdict.learned && verdict.steps > 200 * batches.size();
  verdict.stopped = !verdict.finite     ? "the loss is not finite [E204]"
                    : interruptSignal() ? "interrupted"
                                        : "the time is over";
  findCauses(verdict, watch, net, learningRate);
  return verdict;
}

static void print(const Verdict &verdict, uint64_t batches, int batch, double goal) {
  const std::string what = format("%llu %s of %d images", (unsigned long long)batches,
                                  batches == 1 ? "batch" : "batches", batch);
  if (verdict.learned)
    std::printf("learned %s in %s steps, %.2f s: accuracy 1, loss %.4f (from %.4f)\n", what.c_str(),
                withCommas(verdict.steps).c_str(), verdict.seconds, verdict.loss,
                verdict.firstLoss);
  else
    std::printf(
        "does not learn %s: %s after %s steps, %.2f s: accuracy %.4f, loss %.4f (from %.4f; "
        "learned is below %.4f)\nlikely causes:\n",
        what.c_str(), verdict.stopped.c_str(), withCommas(verdict.steps).c_str(), verdict.seconds,
        verdict.accuracy, verdict.loss, verdict.firstLoss, goal);
  if (verdict.slow)
    std::printf("slowly: a recipe that fits needs tens of steps; likely causes:\n");
  for (size_t i = 0; i < verdict.causes.size(); ++i)
    std::printf("  %zu. %s\n", i + 1, verdict.causes[i].c_str());
}

static Json toJson(const Verdict &verdict) {
  auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
  return {{"learned", verdict.learned},
          {"slow", verdict.slow},
          {"verdict", verdict.learned ? "learned" : verdict.stopped},
          {"steps", verdict.steps},
          {"seconds", verdict.seconds},
          {"first_loss", number(verdict.firstLoss)},
          {"loss", number(verdict.loss)},
          {"accuracy", verdict.accuracy},
          {"causes", verdict.causes},
          {"warnings", toJson(verdict.warnings)}};
}

int checkCommand(const Device &device, const Options &options) {
  const Manifest &manifest = *device.manifest;
  checkTrainOptions(manifest, options);
  const double seconds = options.seconds.value_or(10);
  if (!(seconds > 0 && seconds <= 3600))
    fail("--seconds expects a number above 0 and at most 3600, but got %g", seconds);
  const long long batches = options.batches.value_or(1);
  const int threads = threadCount(options);
  const Dataset data = loadTrainingSet(findDataDirectory(options.data, manifest), manifest);
  const uint64_t batch = uint64_t(manifest.trainEntry()->batch);
  if (batches < 1 || uint64_t(batches) > data.count() / batch)
    fail("--batches expects 1 to %llu, for the data has %s images and a batch %llu, but got %lld",
         (unsigned long long)(data.count() / batch), withCommas(data.count()).c_str(),
         (unsigned long long)batch, batches);

  const TrainBlock &recipe = *manifest.recipe;
  const uint64_t seed = options.seed.value_or(recipe.seed);
  const double learningRate = options.learningRate.value_or(recipe.learningRate);
  Net net(device, threads);
  net.initialize(seed);
  catchInterrupts();
  const Verdict verdict = overfit(net, firstBatches(manifest, data, uint64_t(batches), batch, seed),
                                  seconds, learningRate, seed);
  for (const Warning &warning : verdict.warnings)
    std::fputs(warningText(warning).c_str(), stderr);
  if (options.json) {
    Json document = toJson(verdict);
    document.update({{"net", manifest.net},
                     {"batches", batches},
                     {"batch", batch},
                     {"seed", seed},
                     {"learning_rate", learningRate},
                     {"device", device.name},
                     {"device_reason", device.reason},
                     {"threads", threads}});
    std::puts(document.dump(2).c_str());
  } else {
    print(verdict, uint64_t(batches), int(batch), 0.1 * std::log(double(manifest.classes)));
  }
  return interruptSignal() ? 128 + interruptSignal() : verdict.learned ? 0 : 1;
}

} // namespace weir
