// Text and JSON about a run; see TrainOutput.h.
#include "runtime/TrainOutput.h"
#include "runtime/Error.h"

#include <set>

namespace weir {

using Json = nlohmann::json;
using Number = unsigned long long;

std::string initializersOf(const Manifest &manifest) {
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

static void announceData(FILE *out, const RunFacts &facts, const Sampler &sampler) {
  const TrainBlock &recipe = *facts.manifest.recipe;
  const Progress &progress = facts.progress;
  std::fprintf(out, "data %s: %s training and %s test images\n", facts.directory.c_str(),
               withCommas(facts.trainingImages).c_str(), withCommas(facts.testImages).c_str());
  if (recipe.shift != 0 || recipe.rotate != 0 || recipe.scale != 0)
    std::fprintf(out,
                 "training images are moved at random: shift %g pixels, rotate %g degrees, scale "
                 "%g %%\n",
                 recipe.shift, recipe.rotate, 100 * recipe.scale);
  if (uint64_t rest = facts.trainingImages % progress.batch) {
    std::fprintf(
        out, "an epoch is %s batches and %llu images more; those open the next epoch's first batch",
        withCommas(facts.trainingImages / progress.batch).c_str(), (Number)rest);
    if (uint64_t end = sampler.leftOverAfter(progress.epochs))
      std::fprintf(out, ", and the run's last %llu are not used", (Number)end);
    std::fprintf(out, "\n");
  }
}

void announceRun(FILE *out, const RunFacts &facts) {
  const Manifest &manifest = facts.manifest;
  const TrainBlock &recipe = *manifest.recipe;
  const Progress &progress = facts.progress;
  const Sampler sampler(facts.trainingImages, progress.batch, progress.seed);
  std::fprintf(out, "net %s: %s trainable parameters, initial weights %s\n", manifest.net.c_str(),
               withCommas(manifest.trainableParameters).c_str(), initializersOf(manifest).c_str());
  std::fprintf(out, "device %s (%s), %d %s\n", facts.device.name.c_str(),
               facts.device.reason.c_str(), facts.threads,
               facts.threads == 1 ? "thread" : "threads");
  announceData(out, facts, sampler);
  std::fprintf(out,
               "recipe: %s, learning rate %g, schedule %s, batch %llu, epochs %llu, seed %llu\n",
               recipe.optimizer.call.c_str(), progress.learningRate, recipe.schedule.call.c_str(),
               (Number)progress.batch, (Number)progress.epochs, (Number)progress.seed);
  if (progress.patience > 0)
    std::fprintf(out, "stops after %llu epochs without a better validation accuracy\n",
                 (Number)progress.patience);
  if (progress.keepBest)
    std::fprintf(out, "keeps the weights of the best epoch\n");
  if (progress.step > 0 && sampler.stepsIn(progress.epochs) > progress.step)
    std::fprintf(out, "resuming after step %s, in epoch %llu\n", withCommas(progress.step).c_str(),
                 (Number)sampler.epochOf(progress.step) + 1);
  std::fflush(out);
}

void printEpoch(FILE *out, const EpochReport &report, uint64_t epochs) {
  std::fprintf(out,
               "epoch %llu/%llu: loss %.4f, accuracy %.4f, validation loss %.4f, validation "
               "accuracy %.4f, %.2f s\n",
               (Number)report.epoch, (Number)epochs, report.trainLoss, report.trainAccuracy,
               report.validationLoss, report.validationAccuracy, report.seconds);
  std::fflush(out);
}

void printEnd(FILE *out, const RunFacts &facts) {
  const Progress &progress = facts.progress;
  const TrainingResult &result = facts.result;
  const char *path = facts.checkpoint.c_str();
  if (result.stoppedEarly)
    std::fprintf(out, "%s: no better validation accuracy for %llu epochs\n",
                 result.epochs.empty() ? "already stopped early" : "stopped early",
                 (Number)progress.patience);
  if (result.interrupted)
    std::fprintf(
        out,
        "interrupted after step %s; saved '%s', continue with: train --resume --checkpoint %s\n",
        withCommas(progress.step).c_str(), path, path);
  else if (result.epochs.empty() && result.stoppedEarly)
    std::fprintf(out, "'%s' is as it was; give --patience to train longer\n", path);
  else if (result.epochs.empty())
    std::fprintf(out, "'%s' already has its %llu epochs; give --epochs to train longer\n", path,
                 (Number)progress.epochs);
  if (progress.keepBest && progress.best.epoch > 0)
    std::fprintf(out, "the weights are those of epoch %llu, validation accuracy %.4f\n",
                 (Number)progress.best.epoch, progress.best.accuracy);
  if (!result.interrupted && !result.epochs.empty())
    std::fprintf(out, "saved '%s' after %.2f s, weights_sha256 %s\n", path, facts.seconds,
                 facts.weightsSha256.c_str());
}

Json toJson(const EpochReport &report) {
  return {{"epoch", report.epoch},
          {"steps", report.steps},
          {"train_loss", report.trainLoss},
          {"train_accuracy", report.trainAccuracy},
          {"val_loss", report.validationLoss},
          {"val_accuracy", report.validationAccuracy},
          {"learning_rate", report.learningRate},
          {"seconds", report.seconds}};
}

Json toJson(const Warning &warning) {
  return {{"code", warning.code},
          {"message", warning.message},
          {"layer", warning.layer},
          {"source", warning.source},
          {"causes", warning.causes}};
}

Json toJson(const std::vector<Warning> &warnings) {
  Json list = Json::array();
  for (const Warning &warning : warnings)
    list.push_back(toJson(warning));
  return list;
}

Json toJson(const RunFacts &facts) {
  const Progress &progress = facts.progress;
  const TrainingResult &result = facts.result;
  Json epochs = Json::array();
  for (const EpochReport &report : result.epochs)
    epochs.push_back(toJson(report));
  Json document = {{"net", facts.manifest.net},
                   {"epochs", epochs},
                   {"device", facts.device.name},
                   {"device_reason", facts.device.reason},
                   {"data_on_device", facts.result.dataOnDevice},
                   {"threads", facts.threads},
                   {"seed", progress.seed},
                   {"batch", progress.batch},
                   {"steps", progress.step},
                   {"learning_rate", progress.learningRate},
                   {"trainable_parameters", facts.manifest.trainableParameters},
                   {"checkpoint", facts.checkpoint},
                   {"interrupted", result.interrupted},
                   {"stopped_early", result.stoppedEarly},
                   {"best_epoch", progress.best.epoch > 0 ? Json(progress.best.epoch) : Json()},
                   {"keep", progress.keepBest ? "best" : "last"},
                   {"warnings", toJson(result.warnings)},
                   {"seconds", facts.seconds},
                   {"weights_sha256", facts.weightsSha256}};
  // Of the weights that the checkpoint presents, if they were validated as they are.
  document["val_accuracy"] = result.kept ? Json(result.kept->accuracy) : Json();
  document["val_loss"] = result.kept ? Json(result.kept->loss) : Json();
  return document;
}

} // namespace weir
