// Files against the tensors that a net expects; see WeightsFile.h.
#include "runtime/WeightsFile.h"
#include "runtime/Error.h"

#include <cstring>
#include <sha2.h>

namespace weir {

std::string sha256(const StoredTensors &tensors) {
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

// Collects what differs and says the first few in one sentence.
namespace {
class Differences {
public:
  // A sentence behind the list, the last one that was given.
  std::string hint;

  void add(const std::string &text) {
    if (++count <= 3)
      list += (count == 1 ? "" : "; ") + text;
  }
  void report(const std::string &path, const std::string &net) const {
    if (count == 0)
      return;
    std::string more = count > 3 ? format("; and %d more", count - 3) : "";
    fail("'%s' does not fit net '%s': %s%s%s", path.c_str(), net.c_str(), list.c_str(),
         more.c_str(), hint.c_str());
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
void checkDigest(const std::string &path, const Safetensors &file, const char *key,
                 const StoredTensors &ofNet, const char *prefix) {
  StoredTensors weights;
  for (const auto &[name, tensor] : ofNet)
    weights[name] = file.tensors.at(prefix + name);
  if (auto digest = file.metadata.find(key);
      digest != file.metadata.end() && digest->second != sha256(weights))
    fail("'%s' is damaged: its weights do not have the SHA-256 that it promises", path.c_str());
}

// A bound that quantization-aware training has learned.
static bool isLearnedRange(const std::string &name) {
  for (const char *end : {".range_low", ".range_high"}) {
    const size_t size = std::strlen(end);
    if (name.size() > size && name.compare(name.size() - size, size, end) == 0)
      return true;
  }
  return false;
}

// Throws UserError unless the file's tensors are the expected ones; training state may be more.
void checkTensors(const std::string &path, const Safetensors &file, const std::string &net,
                  const StoredTensors &expected, bool stateCounts) {
  Differences differences;
  for (const auto &[name, tensor] : expected) {
    auto found = file.tensors.find(name);
    if (found == file.tensors.end()) {
      differences.add(format("tensor '%s' is missing", name.c_str()));
      if (isLearnedRange(name))
        differences.hint = "; it was trained without the net's quantize { aware: true }";
    } else if (found->second.shape != tensor.shape) {
      differences.add(format("'%s' expects shape %s, but got %s", name.c_str(),
                             shapeText(tensor.shape).c_str(),
                             shapeText(found->second.shape).c_str()));
    } else if (found->second.type != tensor.type) {
      differences.add(format("'%s' expects dtype %s, but got %s", name.c_str(), tensor.type.c_str(),
                             found->second.type.c_str()));
    }
  }
  for (const auto &[name, tensor] : file.tensors)
    if (!expected.count(name) && (stateCounts || !isTrainingState(file, name))) {
      differences.add(format("tensor '%s' is not part of the net", name.c_str()));
      if (isLearnedRange(name))
        differences.hint =
            "; it was trained with quantize { aware: true }, which --set aware=true asks for";
    }
  differences.report(path, net);
}

Safetensors readWeights(const std::string &path, const std::string &net,
                        const StoredTensors &expected) {
  Safetensors file = readSafetensors(path);
  checkTensors(path, file, net, expected, false);
  checkDigest(path, file, "weights_sha256", expected, "");
  return file;
}

} // namespace weir
