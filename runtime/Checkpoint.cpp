// Net to safetensors and back; see Checkpoint.h.
#include "runtime/Checkpoint.h"
#include "runtime/Error.h"
#include "runtime/Safetensors.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sha2.h>

namespace weir {

static constexpr const char *optimizerMark = "optimizer:";

static std::map<std::string, Tensor> tensorsOf(const Net &net, bool withOptimizer) {
  std::map<std::string, Tensor> tensors;
  for (const Variable &variable : net.manifest.variables)
    if (withOptimizer || variable.isOfNet())
      tensors[variable.name] = {"F32", variable.shape,
                                reinterpret_cast<const uint8_t *>(net.values(variable)),
                                variable.elements * sizeof(float)};
  return tensors;
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

static std::map<std::string, std::string> commonMetadata(const Net &net) {
  return {{"format", "weir"},
          {"version", "1"},
          {"net", net.manifest.net},
          {"weights_sha256", weightsSha256(net)}};
}

void saveWeights(const std::string &path, const Net &net) {
  writeSafetensors(path, commonMetadata(net), tensorsOf(net, false));
}

void saveCheckpoint(const std::string &path, const Net &net, const Progress &progress) {
  std::map<std::string, std::string> metadata = commonMetadata(net);
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
  if (net.manifest.recipe)
    metadata["optimizer"] = net.manifest.recipe->optimizer.call;
  // Says which tensors are no weights, so that a program with another optimizer can tell.
  for (const Variable &variable : net.manifest.variables)
    if (!variable.isOfNet())
      metadata[optimizerMark + variable.name] = "";
  writeSafetensors(path, metadata, tensorsOf(net, true));
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

static void loadTensors(const std::string &path, const Safetensors &file, Net &net,
                        bool withOptimizer) {
  Differences differences;
  std::map<std::string, Tensor> expected = tensorsOf(net, withOptimizer);
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
    if (!expected.count(name) && (withOptimizer || !file.metadata.count(optimizerMark + name)))
      differences.add(format("tensor '%s' is not part of the net", name.c_str()));
  differences.report(path, net);

  // Bits that changed on the disk leave the format valid; the digest finds them.
  std::map<std::string, Tensor> weights;
  for (const Variable &variable : net.manifest.variables)
    if (variable.isOfNet())
      weights[variable.name] = file.tensors.at(variable.name);
  if (auto digest = file.metadata.find("weights_sha256");
      digest != file.metadata.end() && digest->second != sha256(weights))
    fail("'%s' is damaged: its weights do not have the SHA-256 that it promises", path.c_str());

  for (const Variable &variable : net.manifest.variables)
    if (auto found = file.tensors.find(variable.name);
        found != file.tensors.end() && expected.count(variable.name))
      std::memcpy(net.values(variable), found->second.data, found->second.bytes);
}

void loadWeights(const std::string &path, Net &net) {
  Safetensors file = readSafetensors(path);
  loadTensors(path, file, net, false);
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

Progress loadCheckpoint(const std::string &path, Net &net) {
  Safetensors file = readSafetensors(path);
  Progress progress;
  progress.step = wholeNumber(path, file, "step");
  progress.epochs = wholeNumber(path, file, "epochs");
  progress.seed = wholeNumber(path, file, "seed");
  progress.batch = wholeNumber(path, file, "batch");
  progress.images = wholeNumber(path, file, "images");
  progress.correct = wholeNumber(path, file, "epoch_correct");
  progress.epochSteps = wholeNumber(path, file, "epoch_steps");
  progress.learningRate = realNumber(path, file, "learning_rate");
  progress.lossSum = realNumber(path, file, "epoch_loss_sum");
  loadTensors(path, file, net, true);
  return progress;
}

} // namespace weir
