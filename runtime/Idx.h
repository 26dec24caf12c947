// IDX files, the format MNIST is distributed in, raw or gzipped.
//
// Before: a folder the user named. After: Dataset.h pairs images with labels. Pixels stay bytes
// until a batch is made of them. Format: Y. LeCun, "The MNIST database", section file formats.
// Nothing in a file is trusted.
#ifndef WEIR_RUNTIME_IDX_H
#define WEIR_RUNTIME_IDX_H

#include "runtime/Block.h"

#include <string>

namespace weir {

struct IdxImages {
  std::string path;
  uint64_t count = 0, height = 0, width = 0, channels = 1; // NHWC
  Block file;                                              // header and pixels
  const uint8_t *pixels = nullptr;

  uint64_t imageSize() const { return height * width * channels; }
};

struct IdxLabels {
  std::string path;
  uint64_t count = 0;
  Block file;
  const uint8_t *labels = nullptr;
};

/// The whole content of a file, gunzipped if it is gzip. `purpose` is for the message when memory
/// is out.
Block readWholeFile(const std::string &path, const char *purpose);

/// Reads [count, height, width] or [count, height, width, channels] bytes. Throws UserError naming
/// file and fact.
IdxImages readIdxImages(const std::string &path);

/// Reads [count] bytes. Throws UserError naming file and fact.
IdxLabels readIdxLabels(const std::string &path);

} // namespace weir

#endif
