// What the tests of the runtime share: temporary folders, IDX files, and starting programs.
#ifndef WEIR_TEST_RUNTIME_SUPPORT_H
#define WEIR_TEST_RUNTIME_SUPPORT_H

#include "runtime/Error.h"

#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace weir::test {

/// A folder that is removed with all its files at the end.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string path;
  std::string file(const std::string &name) const { return path + "/" + name; }
};

using Bytes = std::vector<uint8_t>;

std::string readText(const std::string &path);
void writeBytes(const std::string &path, const void *data, size_t size);
inline void writeBytes(const std::string &path, const Bytes &bytes) {
  writeBytes(path, bytes.data(), bytes.size());
}
inline void writeText(const std::string &path, const std::string &text) {
  writeBytes(path, text.data(), text.size());
}

/// An IDX file's bytes: magic, extents, and `payload`.
Bytes idx(uint32_t magic, const std::vector<uint32_t> &extents, const Bytes &payload);

/// Images whose class can be learned: a bright bar at a height given by the class, and noise.
/// Labels are i % classes.
Bytes learnableImages(uint32_t count, uint32_t seed);
Bytes learnableLabels(uint32_t count);

/// Writes the four files with `training` and `test` images of 28x28 in 10 classes.
void writeDataSet(const std::string &folder, uint32_t training, uint32_t test);

/// An 8-bit grey PNG (stored, not compressed).
Bytes png(uint32_t width, uint32_t height, const Bytes &grey);

struct Outcome {
  int code = -1; // exit code, or 128 + signal
  std::string out, err;
};

/// Starts a program in `folder` and waits for it. `during` is called once stderr or stdout holds
/// `trigger`.
struct Start {
  std::string folder = ".";
  std::vector<std::string> environment = {}; // "NAME=value"
  std::string trigger = {};
  std::function<void(int pid)> during = {};
  uint64_t fileSizeLimit = 0; // bytes, 0 for none
  bool terminal = false;      // stderr is a terminal
};
Outcome run(const std::vector<std::string> &command, const Start &start = {});

/// The text of the UserError that `body` throws; "" and a failure if it throws none.
template <typename Body> std::string errorOf(const Body &body) {
  try {
    body();
  } catch (const UserError &error) {
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

/// Expects that `text` contains `part`.
#define EXPECT_CONTAINS(text, part)                                                                \
  EXPECT_NE(std::string(text).find(part), std::string::npos)                                       \
      << "in: " << (text) << "\nexpected: " << (part)

} // namespace weir::test

#endif
