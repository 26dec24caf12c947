//===- SweepBlock.h - the `sweep` block as names and texts -----------------------------------===//
//
// What `weir run FILE -- sweep` combines: each setting of the block with its values as they would
// be written behind `--set`, and which of them a program takes at run time. Recipe's checkSweep has
// checked the names before; tools/SweepGrid makes members of it.
//
//===-----------------------------------------------------------------------------------------===//
#pragma once

#include "frontend/Program.h"

#include <optional>
#include <string>
#include <vector>

namespace weir {

/// One element of a list of the block.
struct SweepValue {
  std::string text;             ///< on one line, without comments: `[80, 60]`, `sgd(momentum: 0.9)`
  std::optional<double> number; ///< of a literal number
  std::optional<int64_t> integer; ///< of a literal integer
};

/// One setting of the block, `learning_rate: [0.001, 0.01]`.
struct SweepSetting {
  std::string name;
  std::vector<SweepValue> values; ///< one or more, all different
  /// True for `learning_rate`, `epochs` and `seed` as lists of literal numbers, where no constant
  /// of the file has that name: `PROG train` takes them as options, so they need no program of
  /// their own. Values are in range then.
  bool atRunTime = false;
};

/// Reads the `sweep` block of the main file. Nothing after errors: no block, no `train` block, an
/// empty list or none at all, a value given twice, a run-time value out of its range.
std::optional<std::vector<SweepSetting>> readSweep(const Program &program,
                                                   Diagnostics &diagnostics);

} // namespace weir
