// Whether a safetensors file holds the weights of a net.
//
// Before: Safetensors.h has read the format. After: Checkpoint.cpp copies the tensors into a net,
// and the compiler puts them into a program.
#ifndef WEIR_RUNTIME_WEIGHTSFILE_H
#define WEIR_RUNTIME_WEIGHTSFILE_H

#include "runtime/Safetensors.h"

namespace weir {

using StoredTensors = std::map<std::string, StoredTensor>;

/// In a checkpoint's metadata: "optimizer:<tensor>" says that the tensor is no weight, and the
/// tensors "last:<name>" are the last weights where the file presents the best ones. No variable's
/// name has a colon.
inline constexpr const char *optimizerMark = "optimizer:";
inline constexpr const char *lastMark = "last:";

/// SHA-256, in hexadecimal, of the tensors' bytes in the order of their names.
std::string sha256(const StoredTensors &tensors);

/// Throws UserError, with the first that differ, unless the file has the expected tensors, in shape
/// and type, and no other; with `stateCounts` the training state may be no other either.
void checkTensors(const std::string &path, const Safetensors &file, const std::string &net,
                  const StoredTensors &expected, bool stateCounts);

/// Throws UserError where the file's weights, `ofNet` behind `prefix`, lack the SHA-256 that its
/// metadata promises under `key`: bits that changed on the disk leave the format valid.
void checkDigest(const std::string &path, const Safetensors &file, const char *key,
                 const StoredTensors &ofNet, const char *prefix);

/// Reads a checkpoint or another file with the weights of the net called `net`. Throws UserError
/// where it does not fit.
Safetensors readWeights(const std::string &path, const std::string &net,
                        const StoredTensors &expected);

} // namespace weir

#endif
