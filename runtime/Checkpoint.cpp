// Net to safetensors and back; see Checkpoint.h.
#include "runtime/Checkpoint.h"
#include "runtime/Error.h"
#include "runtime/WeightsFile.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace weir {

// The tensors of a block of variables; names get `prefix`.
static StoredTensors tensorsOf(const Manifest &manifest, const uint8_t *block, bool withOptimizer,
                               const char *prefix = "") {
  StoredTensors tensors;
  for (const Variable &variable : manifest.variables)
    if (withOptimizer || variable.isOfNet())
      tensors[prefix + variable.name] = {variable.type, variable.shape, block + variable.offset,
                                         variable.bytes()};
  return tensors;
}

static StoredTensors tensorsOf(const Net &net, bool withOptimizer) {
  return tensorsOf(net.manifest, net.block().data(), withOptimizer);
}

std::string weightsSha256(const Net &net) { return sha256(tensorsOf(net, false)); }

static std::map<std::string, std::string> commonMetadata(const Net &net,
                                                         const std::string &digest) {
  return {
      {"format", "weir"}, {"version", "1"}, {"net", net.manifest.net}, {"weights_sha256", digest}};
}

void saveWeights(const std::string &path, const Net &net) {
  writeSafetensors(path, commonMetadata(net, weightsSha256(net)), tensorsOf(net, false));
}

void saveCheckpoint(const std::string &path, const Net &net, const Progress &progress,
                    const uint8_t *kept) {
  StoredTensors tensors = tensorsOf(net, true);
  std::string digest = weightsSha256(net), lastDigest;
  if (kept) {
    const StoredTensors presented = tensorsOf(net.manifest, kept, false);
    lastDigest = std::exchange(digest, sha256(presented));
    for (const auto &[name, tensor] : presented)
      tensors[name] = tensor;
    tensors.merge(tensorsOf(net.manifest, net.block().data(), false, lastMark));
  }
  std::map<std::string, std::string> metadata = commonMetadata(net, digest);
  if (kept)
    metadata["last_sha256"] = lastDigest;
  auto number = [&](const char *key, uint64_t value) { metadata[key] = std::to_string(value); };
  number("step", progress.step);
  number("epochs", progress.epochs);
  number("seed", progress.seed);
  number("batch", progress.batch);
  number("images", progress.images);
  number("epoch_correct", progress.correct);
  number("epoch_steps", progress.epochSteps);
  metadata["learning_rate"] = format("%a", progress.learningRate); // exact
  metadata["epoch_loss_sum"] = format("%a", progress.lossSum);
  metadata["keep"] = progress.keepBest ? "best" : "last";
  number("patience", progress.patience);
  number("best_epoch", progress.best.epoch);
  metadata["best_accuracy"] = format("%a", progress.best.accuracy);
  metadata["best_loss"] = format("%a", progress.best.loss);
  if (net.manifest.recipe)
    metadata["optimizer"] = net.manifest.recipe->optimizer.call;
  // Says which tensors are no weights, so that a program with another optimizer can tell.
  for (const Variable &variable : net.manifest.variables)
    if (!variable.isOfNet())
      metadata[optimizerMark + variable.name] = "";
  writeSafetensors(path, metadata, tensors);
}

static void copyTensors(const Safetensors &file, const Manifest &manifest, bool optimizer,
                        const char *prefix, uint8_t *block) {
  for (const Variable &variable : manifest.variables)
    if (variable.isOfNet() != optimizer) {
      const StoredTensor &tensor = file.tensors.at(prefix + variable.name);
      std::memcpy(block + variable.offset, tensor.data, tensor.bytes);
    }
}

void loadWeights(const std::string &path, Net &net) {
  if (net.manifest.weights)
    fail("'%s' cannot be loaded: net '%s' was compiled with its weights, those of '%s'; for "
         "others: weir "
         "compile %s, without --weights",
         path.c_str(), net.manifest.net.c_str(), net.manifest.weights->file.c_str(),
         net.manifest.source.c_str());
  Safetensors file = readWeights(path, net.manifest.net, tensorsOf(net, false));
  copyTensors(file, net.manifest, false, "", net.block().data());
}

std::string provideWeights(Net &net, const std::string &path) {
  if (net.manifest.weights && path.empty())
    return "the embedded weights of " + net.manifest.weights->file;
  const std::string file = path.empty() ? net.manifest.net + ".safetensors" : path;
  loadWeights(file, net);
  return file;
}

static const std::string &metadataOf(const std::string &path, const Safetensors &file,
                                     const char *key) {
  auto found = file.metadata.find(key);
  if (found == file.metadata.end())
    fail("'%s' holds weights, but no training state ('%s' is missing): it cannot be resumed",
         path.c_str(), key);
  return found->second;
}

static uint64_t wholeNumber(const std::string &path, const Safetensors &file, const char *key) {
  const std::string &text = metadataOf(path, file, key);
  bool digits = !text.empty() &&
                std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  errno = 0;
  uint64_t number = digits ? std::strtoull(text.c_str(), nullptr, 10) : 0;
  if (!digits || errno != 0)
    fail("'%s' is damaged: '%s' is no whole number", path.c_str(), key);
  return number;
}

static double realNumber(const std::string &path, const Safetensors &file, const char *key) {
  const std::string &text = metadataOf(path, file, key);
  char *end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end || !(number >= 0) || number > 1e300)
    fail("'%s' is damaged: '%s' is no number", path.c_str(), key);
  return number;
}

Resumed loadCheckpoint(const std::string &path, Net &net) {
  Safetensors file = readSafetensors(path);
  Resumed result;
  Progress &progress = result.progress;
  progress.step = wholeNumber(path, file, "step");
  progress.epochs = wholeNumber(path, file, "epochs");
  progress.seed = wholeNumber(path, file, "seed");
  progress.batch = wholeNumber(path, file, "batch");
  progress.images = wholeNumber(path, file, "images");
  progress.correct = wholeNumber(path, file, "epoch_correct");
  progress.epochSteps = wholeNumber(path, file, "epoch_steps");
  progress.learningRate = realNumber(path, file, "learning_rate");
  progress.lossSum = realNumber(path, file, "epoch_loss_sum");
  if (file.metadata.count("best_epoch")) { // files of the first release have none
    progress.best = {wholeNumber(path, file, "best_epoch"), realNumber(path, file, "best_accuracy"),
                     realNumber(path, file, "best_loss")};
    progress.patience = wholeNumber(path, file, "patience");
    progress.keepBest = metadataOf(path, file, "keep") == "best";
  }

  const Manifest &manifest = net.manifest;
  const bool keepsAnother = file.metadata.count("last_sha256");
  StoredTensors expected = tensorsOf(net, true);
  if (keepsAnother)
    expected.merge(tensorsOf(manifest, net.block().data(), false, lastMark));
  checkTensors(path, file, net.manifest.net, expected, true);
  checkDigest(path, file, "weights_sha256", tensorsOf(net, false), "");
  if (keepsAnother) {
    checkDigest(path, file, "last_sha256", tensorsOf(net, false), lastMark);
    result.kept = Block(net.block().size(), "a copy of the best weights");
    copyTensors(file, manifest, false, "", result.kept.data());
  }
  copyTensors(file, manifest, false, keepsAnother ? lastMark : "", net.block().data());
  copyTensors(file, manifest, true, "", net.block().data());
  return result;
}

} // namespace weir
