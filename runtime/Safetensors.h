// The safetensors file format: an 8-byte little-endian header length, a JSON header, then the
// tensors' bytes.
//
// Format: https://github.com/huggingface/safetensors#format. Checkpoint.h gives the tensors their
// meaning. A file that is read is trusted in nothing: every length, offset, name and type is
// checked before it is used.
#ifndef WEIR_RUNTIME_SAFETENSORS_H
#define WEIR_RUNTIME_SAFETENSORS_H

#include "runtime/Block.h"

#include <map>
#include <string>
#include <vector>

namespace weir {

struct StoredTensor {
  std::string type; // "F32", ...
  std::vector<uint64_t> shape;
  const uint8_t *data = nullptr; // not aligned
  uint64_t bytes = 0;
};

struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::map<std::string, StoredTensor> tensors;
  Block file; // what the tensors point into
};

/// Reads a file. Throws UserError naming the file and what is wrong with it. Headers over 16 MiB
/// are refused.
Safetensors readSafetensors(const std::string &path);

/// Writes metadata and tensors, in the order of their names, with writeAtomically().
void writeSafetensors(const std::string &path, const std::map<std::string, std::string> &metadata,
                      const std::map<std::string, StoredTensor> &tensors);

/// [784, 80] as "784x80", [] as "scalar".
std::string shapeText(const std::vector<uint64_t> &shape);

} // namespace weir

#endif
