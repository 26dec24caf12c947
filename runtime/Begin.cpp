// New runs and resumed ones; see Begin.h.
#include "runtime/Begin.h"
#include "runtime/Error.h"
#include "runtime/Safetensors.h"
#include "runtime/Sampler.h"

#include <algorithm>
#include <cmath>
#include <unistd.h>

namespace weir {

using Number = unsigned long long;

void checkTrainOptions(const Manifest &manifest, const Options &options) {
  if (manifest.weights)
    fail("net '%s' cannot be trained: it was compiled with its weights, those of '%s'; to train: "
         "weir compile "
         "%s, without --weights",
         manifest.net.c_str(), manifest.weights->file.c_str(), manifest.source.c_str());
  if (!manifest.recipe || !manifest.trainEntry())
    fail("net '%s' cannot be trained: '%s' has no train block", manifest.net.c_str(),
         manifest.source.c_str());
  if (options.epochs && (*options.epochs < 1 || *options.epochs > 1000000))
    fail("--epochs expects 1 to 1,000,000, but got %lld", *options.epochs);
  if (options.learningRate && !(std::isfinite(*options.learningRate) && *options.learningRate > 0))
    fail("--learning-rate expects a number above 0, but got %g", *options.learningRate);
  if (options.patience && (*options.patience < 0 || *options.patience > 1000000))
    fail("--patience expects 0 (never stop early) to 1,000,000, but got %lld", *options.patience);
  if (!options.keep.empty() && options.keep != "best" && options.keep != "last")
    fail("--keep expects best or last, but got '%s'", options.keep.c_str());
  const int batch = manifest.trainEntry()->batch;
  if (options.batch && *options.batch != batch)
    fail("--batch expects %d, which this program was compiled for, but got %lld; for another: weir "
         "compile %s "
         "--set batch=%lld",
         batch, *options.batch, manifest.source.c_str(), std::max(1LL, *options.batch));
}

static Sampler samplerOf(const Progress &progress) {
  return Sampler(progress.images, progress.batch, progress.seed);
}

bool isFinished(const Progress &progress) {
  return samplerOf(progress).stepsIn(progress.epochs) <= progress.step;
}

// What the options change in a resumed run, and what that means.
static void applyOptions(Resumed &resumed, const Net &net, const Options &options,
                         const std::string &path, FILE *out) {
  Progress &progress = resumed.progress;
  const Sampler sampler = samplerOf(progress);
  uint64_t begun = 0; // epochs that have steps
  while (sampler.stepsIn(begun) < progress.step)
    ++begun;
  if (options.epochs && uint64_t(*options.epochs) < begun)
    fail("--epochs expects at least %llu, for '%s' is %s epoch %llu, but got %lld", (Number)begun,
         path.c_str(), sampler.stepsIn(begun) == progress.step ? "at the end of" : "in",
         (Number)begun, *options.epochs);
  const Setting &schedule = net.manifest.recipe->schedule;
  const uint64_t epochs = options.epochs ? uint64_t(*options.epochs) : progress.epochs;
  const bool spans = schedule.call != "constant" && schedule.call != "step";
  if (epochs != progress.epochs && spans && sampler.stepsIn(epochs) > progress.step)
    std::fprintf(out, "the schedule '%s' now spans %llu epochs instead of %llu\n",
                 schedule.call.c_str(), (Number)epochs, (Number)progress.epochs);
  progress.epochs = epochs;
  if (options.learningRate && *options.learningRate != progress.learningRate) {
    std::fprintf(out, "the learning rate is now %g instead of %g\n", *options.learningRate,
                 progress.learningRate);
    progress.learningRate = *options.learningRate;
  }
  if (options.patience)
    progress.patience = uint64_t(*options.patience);

  const bool keptBest = progress.keepBest;
  if (!options.keep.empty())
    progress.keepBest = options.keep == "best";
  const bool standsAtBest = progress.epochSteps == 0 && progress.best.epoch == begun;
  if (progress.keepBest && !keptBest && progress.best.epoch > 0 && !standsAtBest) {
    std::fprintf(out,
                 "'%s' was trained with --keep last, so the weights of its best epoch, %llu, are "
                 "lost; the best is looked for from here on\n",
                 path.c_str(), (Number)progress.best.epoch);
    progress.best = {};
  }
  if (!progress.keepBest)
    resumed.kept = Block();
}

Resumed beginRun(Net &net, const Options &options, const std::string &path, uint64_t images,
                 FILE *out) {
  const TrainBlock &recipe = *net.manifest.recipe;
  const uint64_t batch = uint64_t(net.manifest.trainEntry()->batch);
  if (batch > images)
    fail("a batch of %llu is larger than the data: %s training images; compile with --set "
         "batch=%llu",
         (Number)batch, withCommas(images).c_str(), (Number)images);
  Resumed result;
  Progress &progress = result.progress;
  if (!options.resume) {
    progress.epochs = options.epochs ? uint64_t(*options.epochs) : uint64_t(recipe.epochs);
    progress.seed = options.seed.value_or(recipe.seed);
    progress.learningRate = options.learningRate.value_or(recipe.learningRate);
    progress.patience = options.patience ? uint64_t(*options.patience) : recipe.patience;
    progress.keepBest = options.keep.empty() ? recipe.keepBest : options.keep == "best";
    progress.batch = batch;
    progress.images = images;
    net.initialize(progress.seed);
    return result;
  }

  if (access(path.c_str(), F_OK) != 0)
    fail("cannot resume: '%s' does not exist", path.c_str());
  result = loadCheckpoint(path, net);
  if (progress.batch != batch)
    fail("cannot resume: '%s' was trained with batch %llu, but this program was compiled for %llu",
         path.c_str(), (Number)progress.batch, (Number)batch);
  if (progress.images != images)
    fail("cannot resume: '%s' was trained on %s images, but the data has %s", path.c_str(),
         withCommas(progress.images).c_str(), withCommas(images).c_str());
  if (options.seed && *options.seed != progress.seed)
    fail("cannot resume: '%s' was trained with seed %llu, but --seed is %llu", path.c_str(),
         (Number)progress.seed, *options.seed);
  applyOptions(result, net, options, path, out);
  return result;
}

void announceReplacement(const std::string &path, FILE *out) {
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

} // namespace weir
