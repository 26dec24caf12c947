//===- FuzzNet.h - a generated net, before it is text ----------------------------------------===//
//
// Value 0 is the image, value i the result of the i-th call. Kept as data, so that the reducer can
// take calls out and make numbers smaller; `text` is what the compiler gets.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir {

struct FuzzCall {
  std::string op;
  std::vector<size_t> inputs;                                 ///< values
  std::vector<std::pair<std::string, std::string>> arguments; ///< as the language writes them
};

struct FuzzNet {
  std::vector<int64_t> image; ///< height, width, channels
  std::vector<FuzzCall> calls;
  size_t result = 0; ///< the value that the logits are made of
  int64_t classes = 2;
  int64_t batch = 2;
  FuzzCall loss, optimizer;          ///< without an op: only inference
  std::vector<std::string> settings; ///< further lines of `train`: "clip_norm: 1.0"

  bool trains() const { return !optimizer.op.empty(); }
  std::string text() const;
};

} // namespace weir
