//===- SweepCommand.h - `weir run FILE -- sweep` ----------------------------------------------===//
//
// Trains every member of a file's `sweep` block, side by side over the cores; docs/sweeps.md. Reads
// the options and the block, says what will be done and how long it takes, then hands over to
// SweepRunner.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/Compiler.h"

namespace weir {

/// Runs the sweep of `options.file`; `arguments` are those behind `sweep`. Returns the exit code: 0
/// all members done, 1 one or more failed or bad input, 2 usage, 128 + the signal if interrupted.
int runSweep(const CompilerOptions &options, const std::vector<std::string> &arguments);

} // namespace weir
