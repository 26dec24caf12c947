//===- FuzzChild.h - one net in a process of its own -----------------------------------------===//
//
// A compiler or a program that crashes or hangs is a finding as well.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/fuzz/FuzzNet.h"

namespace weir {

/// How a child ended.
struct FuzzOutcome {
  /// "same", "skipped"; or what a finding is told by: "host", "passes", "crash", "hang", …
  std::string kind;
  std::string message;
  std::string integers = {}; ///< FuzzVerdict's
  bool isFinding() const { return kind != "same" && kind != "skipped" && kind != "interrupted"; }
};

struct FuzzSetting {
  std::string targets; ///< "host,opencl"
  uint64_t seed = 1;   ///< of weights and inputs
  double limit = 300;  ///< seconds until a child counts as hanging
};

/// Runs `weir fuzz FILE` on the net, whose text is written into `folder`.
FuzzOutcome runChild(const FuzzNet &net, const FuzzSetting &setting, const std::string &folder);

} // namespace weir
