// PROG train: from options to a trained net, and what is said about it.
#include "runtime/AtomicFile.h"
#include "runtime/Commands.h"
#include "runtime/Device.h"
#include "runtime/Error.h"
#include "runtime/Safetensors.h"
#include "runtime/Trainer.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <unistd.h>

namespace weir {

using Json = nlohmann::json;
using Number = unsigned long long;

static void checkOptions(const Manifest &manifest, const Options &options) {
  if (!manifest.recipe || !manifest.trainEntry())
    fail("net '%s' cannot be trained: '%s' has no train block", manifest.net.c_str(),
         manifest.source.c_str());
  if (options.epochs && (*options.epochs < 1 || *options.epochs > 1000000))
    fail("--epochs expects 1 to 1,000,000, but got %lld", *options.epochs);
  if (options.learningRate && !(std::isfinite(*options.learningRate) && *options.learningRate > 0))
    fail("--learning-rate expects a number above 0, but got %g", *options.learningRate);
  const int batch = manifest.trainEntry()->batch;
  if (options.batch && *options.batch != batch)
    fail("--batch expects %d, which this program was compiled for, but got %lld; for another: weir "
         "compile %s "
         "--set batch=%lld",
         batch, *options.batch, manifest.source.c_str(), std::max(1LL, *options.batch));
}

static Progress begin(Net &net, const Options &options, const std::string &path, uint64_t images,
                      FILE *out) {
  const Recipe &recipe = *net.manifest.recipe;
  const uint64_t batch = uint64_t(net.manifest.trainEntry()->batch);
  if (batch > images)
    fail("a batch of %llu is larger than the data: %s training images; compile with --set "
         "batch=%llu",
         (Number)batch, withCommas(images).c_str(), (Number)images);
  Progress progress;
  if (!options.resume) {
    progress.epochs = options.epochs ? uint64_t(*options.epochs) : uint64_t(recipe.epochs);
    progress.seed = options.seed.value_or(recipe.seed);
    progress.learningRate = options.learningRate.value_or(recipe.learningRate);
    progress.batch = batch;
    progress.images = images;
    net.initialize(progress.seed);
    return progress;
  }

  if (access(path.c_str(), F_OK) != 0)
    fail("cannot resume: '%s' does not exist", path.c_str());
  progress = loadCheckpoint(path, net);
  if (progress.batch != batch)
    fail("cannot resume: '%s' was trained with batch %llu, but this program was compiled for %llu",
         path.c_str(), (Number)progress.batch, (Number)batch);
  if (progress.images != images)
    fail("cannot resume: '%s' was trained on %s images, but the data has %s", path.c_str(),
         withCommas(progress.images).c_str(), withCommas(images).c_str());
  if (options.seed && *options.seed != progress.seed)
    fail("cannot resume: '%s' was trained with seed %llu, but --seed is %llu", path.c_str(),
         (Number)progress.seed, *options.seed);
  const bool otherEpochs = options.epochs && uint64_t(*options.epochs) != progress.epochs;
  if (otherEpochs && recipe.schedule.call != "constant" && recipe.schedule.call != "step")
    std::fprintf(out, "the schedule '%s' now spans %lld epochs instead of %llu\n",
                 recipe.schedule.call.c_str(), *options.epochs, (Number)progress.epochs);
  if (options.epochs)
    progress.epochs = uint64_t(*options.epochs);
  if (options.learningRate && *options.learningRate != progress.learningRate) {
    std::fprintf(out, "the learning rate is now %g instead of %g\n", *options.learningRate,
                 progress.learningRate);
    progress.learningRate = *options.learningRate;
  }
  return progress;
}

static std::string initializersOf(const Manifest &manifest) {
  std::set<std::string> kinds;
  for (const Variable &variable : manifest.variables)
    if (variable.trainable && variable.initializer.kind != "zeros" &&
        variable.initializer.kind != "ones")
      kinds.insert(variable.initializer.kind);
  std::string text;
  for (const std::string &kind : kinds)
    text += (text.empty() ? "" : ", ") + kind;
  return text.empty() ? "constants" : text;
}

static void announce(FILE *out, const Manifest &manifest, const Device &device, int threads,
                     const std::string &directory, const Dataset &training, const Dataset &test,
                     const Progress &progress) {
  const Recipe &recipe = *manifest.recipe;
  const Sampler sampler(training.count(), progress.batch, progress.seed);
  std::fprintf(out, "net %s: %s trainable parameters, initial weights %s\n", manifest.net.c_str(),
               withCommas(manifest.trainableParameters).c_str(), initializersOf(manifest).c_str());
  std::fprintf(out, "device %s (%s), %d %s\n", device.name.c_str(), device.reason.c_str(), threads,
               threads == 1 ? "thread" : "threads");
  std::fprintf(out, "data %s: %s training and %s test images\n", directory.c_str(),
               withCommas(training.count()).c_str(), withCommas(test.count()).c_str());
  std::fprintf(out,
               "recipe: %s, learning rate %g, schedule %s, batch %llu, epochs %llu, seed %llu\n",
               recipe.optimizer.call.c_str(), progress.learningRate, recipe.schedule.call.c_str(),
               (Number)progress.batch, (Number)progress.epochs, (Number)progress.seed);
  if (uint64_t rest = training.count() % progress.batch) {
    std::fprintf(
        out, "an epoch is %s batches and %llu images more; those open the next epoch's first batch",
        withCommas(training.count() / progress.batch).c_str(), (Number)rest);
    if (uint64_t end = sampler.leftOverAfter(progress.epochs))
      std::fprintf(out, ", and the run's last %llu are not used", (Number)end);
    std::fprintf(out, "\n");
  }
  if (progress.step > 0)
    std::fprintf(out, "resuming after step %s, in epoch %llu\n", withCommas(progress.step).c_str(),
                 (Number)sampler.epochOf(progress.step) + 1);
  std::fflush(out);
}

static void printEpoch(FILE *out, const EpochReport &report, uint64_t epochs) {
  std::fprintf(out,
               "epoch %llu/%llu: loss %.4f, accuracy %.4f, validation loss %.4f, validation "
               "accuracy %.4f, %.2f s\n",
               (Number)report.epoch, (Number)epochs, report.trainLoss, report.trainAccuracy,
               report.validationLoss, report.validationAccuracy, report.seconds);
  std::fflush(out);
}

static Json toJson(const EpochReport &report) {
  return {{"epoch", report.epoch},
          {"steps", report.steps},
          {"train_loss", report.trainLoss},
          {"train_accuracy", report.trainAccuracy},
          {"val_loss", report.validationLoss},
          {"val_accuracy", report.validationAccuracy},
          {"learning_rate", report.learningRate},
          {"seconds", report.seconds}};
}

/// A run that starts anew replaces its checkpoint: never a file of another kind, and never in
/// silence.
static void announceReplacement(const std::string &path, FILE *out) {
  if (access(path.c_str(), F_OK) != 0)
    return;
  Safetensors old;
  try {
    old = readSafetensors(path);
  } catch (const UserError &) {
    fail("--checkpoint '%s' exists and is no whole safetensors file; remove it or choose another "
         "name",
         path.c_str());
  }
  auto steps = old.metadata.find("step");
  std::fprintf(out, "note: the first save replaces '%s'%s; --resume would continue it\n",
               path.c_str(),
               steps == old.metadata.end() ? "" : (" of " + steps->second + " steps").c_str());
}

int trainCommand(const Manifest &manifest, const Options &options) {
  const int64_t began = weir_now_ns();
  checkOptions(manifest, options);
  const Device device = chooseDevice(manifest, options.device);
  const int threads = threadCount(options);
  const std::string path = options.checkpointPath(manifest);
  const std::string directory = findDataDirectory(options.data, manifest);
  FILE *out = options.json ? stderr : stdout;

  Dataset training, test;
  loadBoth(directory, manifest, training, test);
  Net net(manifest, threads);
  FileLock lock(path);
  if (!options.resume)
    announceReplacement(path, out);
  Progress progress = begin(net, options, path, training.count(), out);
  announce(out, manifest, device, threads, directory, training, test, progress);

  catchInterrupts();
  Trainer trainer(net, training, test, path, progress);
  TrainingResult result =
      trainer.run([&](const EpochReport &report) { printEpoch(out, report, progress.epochs); });
  const std::string digest = weightsSha256(net);
  const double seconds = double(weir_now_ns() - began) * 1e-9;

  if (result.interrupted)
    std::fprintf(
        out,
        "interrupted after step %s; saved '%s', continue with: train --resume --checkpoint %s\n",
        withCommas(progress.step).c_str(), path.c_str(), path.c_str());
  else if (result.epochs.empty())
    std::fprintf(out, "'%s' already has its %llu epochs; give --epochs to train longer\n",
                 path.c_str(), (Number)progress.epochs);
  else
    std::fprintf(out, "saved '%s' after %.2f s, weights_sha256 %s\n", path.c_str(), seconds,
                 digest.c_str());
  if (options.json) {
    Json epochs = Json::array();
    for (const EpochReport &report : result.epochs)
      epochs.push_back(toJson(report));
    Json document = {{"net", manifest.net},
                     {"epochs", epochs},
                     {"device", device.name},
                     {"device_reason", device.reason},
                     {"threads", threads},
                     {"seed", progress.seed},
                     {"batch", progress.batch},
                     {"steps", progress.step},
                     {"learning_rate", progress.learningRate},
                     {"trainable_parameters", manifest.trainableParameters},
                     {"checkpoint", path},
                     {"interrupted", result.interrupted},
                     {"seconds", seconds},
                     {"weights_sha256", digest}};
    std::puts(document.dump(2).c_str());
  }
  return result.interrupted ? 130 : 0;
}

} // namespace weir
