//===- FuzzChild.h - one net in a process of its own -----------------------------------------===//
//
// A compiler or a program that crashes or hangs is a finding as well.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/fuzz/FuzzNet.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include <nlohmann/json.hpp>

namespace weir {

/// How a child ended.
struct FuzzOutcome {
  /// "same", "skipped"; or what a finding is told by: "host", "passes", "crash", "hang", …
  std::string kind;
  std::string message;
  std::string integers = {}, pass = {};                           ///< FuzzVerdict's
  nlohmann::ordered_json parts = nlohmann::ordered_json::array(); ///< FuzzVerdict's
  bool isFinding() const { return kind != "same" && kind != "skipped" && kind != "interrupted"; }
  /// True where both tell of one thing that goes wrong.
  bool isLike(const FuzzOutcome &other) const { return kind == other.kind && pass == other.pass; }
};

struct FuzzSetting {
  std::string targets;     ///< "host,opencl"
  uint64_t seed = 1;       ///< of weights and inputs
  double limit = 300;      ///< seconds until a child counts as hanging
  bool passesOnly = false; ///< no programs

  /// The arguments of `weir fuzz` for a net in `file`.
  std::vector<std::string> arguments(const std::string &file) const;
};

/// Runs `weir fuzz FILE` on the net, whose text is written into `folder`. Calls `watch` now and
/// then with what the child is at.
FuzzOutcome runChild(const FuzzNet &net, const FuzzSetting &setting, const std::string &folder,
                     llvm::function_ref<void(const std::string &phase)> watch);

} // namespace weir
