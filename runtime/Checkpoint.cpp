// Net to safetensors and back; see Checkpoint.h.
#include "runtime/Checkpoint.h"
#include "runtime/Error.h"
#include "runtime/Safetensors.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sha2.h>
#include <utility>

namespace weir {

static constexpr const char *optimizerMark = "optimizer:";
static constexpr const char *lastMark = "last:"; // no variable's name has a colon

// The tensors of a block of variables; names get `prefix`.
static std::map<std::string, Tensor> tensorsOf(const Manifest &manifest, const uint8_t *block,
                                               bool withOptimizer, const char *prefix = "") {
  std::map<std::string, Tensor> tensors;
  for (const Variable &variable : manifest.variables)
    if (withOptimizer || variable.isOfNet())
      tensors[prefix + variable.name] = {"F32", variable.shape, block + variable.offset,
                                         variable.elements * sizeof(float)};
  return tensors;
}

static std::map<std::string, Tensor> tensorsOf(const Net &net, bool withOptimizer) {
  return tensorsOf(net.manifest, net.block().data(), withOptimizer);
}

static std::string sha256(const std::map<std::string, Tensor> &tensors) {
  SHA2_CTX context;
  SHA256Init(&context);
  for (const auto &[name, tensor] : tensors)
    SHA256Update(&context, tensor.data, tensor.bytes);
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256Final(digest, &context);
  std::string text;
  for (uint8_t byte : digest)
    text += format("%02x", byte);
  return text;
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
  std::map<std::string, Tensor> tensors = tensorsOf(net, true);
  std::string digest = weightsSha256(net), lastDigest;
  if (kept) {
    const std::map<std::string, Tensor> presented = tensorsOf(net.manifest, kept, false);
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

// Collects what differs and says the first few in one sentence.
namespace {
class Differences {
public:
  void add(const std::string &text) {
    if (++count <= 3)
      list += (count == 1 ? "" : "; ") + text;
  }
  void report(const std::string &path, const Net &net) const {
    if (count == 0)
      return;
    std::string more = count > 3 ? format("; and %d more", count - 3) : "";
    fail("'%s' does not fit net '%s': %s%s", path.c_str(), net.manifest.net.c_str(), list.c_str(),
         more.c_str());
  }

private:
  std::string list;
  int count = 0;
};
} // namespace

static bool isTrainingState(const Safetensors &file, const std::string &name) {
  return name.rfind(lastMark, 0) == 0 || file.metadata.count(optimizerMark + name);
}

// Bits that changed on the disk leave the format valid; the digest finds them.
static void checkDigest(const std::string &path, const Safetensors &file, const char *key,
                        const Manifest &manifest, const char *prefix) {
  std::map<std::string, Tensor> weights;
  for (const Variable &variable : manifest.variables)
    if (variable.isOfNet())
      weights[variable.name] = file.tensors.at(prefix + variable.name);
  if (auto digest = file.metadata.find(key);
      digest != file.metadata.end() && digest->second != sha256(weights))
    fail("'%s' is damaged: its weights do not have the SHA-256 that it promises", path.c_str());
}

// Throws UserError unless the file's tensors are the expected ones; training state may be more.
static void checkTensors(const std::string &path, const Safetensors &file, const Net &net,
                         const std::map<std::string, Tensor> &expected, bool stateCounts) {
  Differences differences;
  for (const auto &[name, tensor] : expected) {
    auto found = file.tensors.find(name);
    if (found == file.tensors.end())
      differences.add(format("tensor '%s' is missing", name.c_str()));
    else if (found->second.shape != tensor.shape)
      differences.add(format("'%s' expects shape %s, but got %s", name.c_str(),
                             shapeText(tensor.shape).c_str(),
                             shapeText(found->second.shape).c_str()));
    else if (found->second.type != "F32")
      differences.add(
          format("'%s' expects dtype F32, but got %s", name.c_str(), found->second.type.c_str()));
  }
  for (const auto &[name, tensor] : file.tensors)
    if (!expected.count(name) && (stateCounts || !isTrainingState(file, name)))
      differences.add(format("tensor '%s' is not part of the net", name.c_str()));
  differences.report(path, net);
}

static void copyTensors(const Safetensors &file, const Manifest &manifest, bool optimizer,
                        const char *prefix, uint8_t *block) {
  for (const Variable &variable : manifest.variables)
    if (variable.isOfNet() != optimizer) {
      const Tensor &tensor = file.tensors.at(prefix + variable.name);
      std::memcpy(block + variable.offset, tensor.data, tensor.bytes);
    }
}

void loadWeights(const std::string &path, Net &net) {
  Safetensors file = readSafetensors(path);
  checkTensors(path, file, net, tensorsOf(net, false), false);
  checkDigest(path, file, "weights_sha256", net.manifest, "");
  copyTensors(file, net.manifest, false, "", net.block().data());
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
  std::map<std::string, Tensor> expected = tensorsOf(net, true);
  if (keepsAnother)
    expected.merge(tensorsOf(manifest, net.block().data(), false, lastMark));
  checkTensors(path, file, net, expected, true);
  checkDigest(path, file, "weights_sha256", manifest, "");
  if (keepsAnother) {
    checkDigest(path, file, "last_sha256", manifest, lastMark);
    result.kept = Block(net.block().size(), "a copy of the best weights");
    copyTensors(file, manifest, false, "", result.kept.data());
  }
  copyTensors(file, manifest, false, keepsAnother ? lastMark : "", net.block().data());
  copyTensors(file, manifest, true, "", net.block().data());
  return result;
}

} // namespace weir
