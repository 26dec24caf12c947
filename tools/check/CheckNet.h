//===- CheckNet.h - `weir compile --check-passes` --------------------------------------------===//

#pragma once

#include "tools/Compiler.h"

#include <CLI/CLI.hpp>

namespace weir {

struct CheckFlags {
  bool isWanted = false;
  double seconds = 120; ///< processor time for the reference
};

/// Adds --check-passes and --check-seconds.
void addCheckFlags(CLI::App &command, CheckFlags &flags);

/// Sends the net through all passes, three times: as it is, (if it has no weights inside) with
/// random weights inside, as an inference program, and in 8 bits; and checks every pass on the way.
/// Batches and images are cut down, unless `options` set them. Prints the report, and writes a
/// reproducer to `output` (empty: a name of its own) where a pass breaks its bound. Returns an exit
/// code: 1 too where the time was not enough.
int checkNet(CompilerOptions options, const CheckFlags &flags, const std::string &output,
             bool asJson);

} // namespace weir
