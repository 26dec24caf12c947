//===- TuneFiles.h - `weir tune merge` and `weir tune export` --------------------------------===//

#pragma once

#include "tools/Commands.h"

namespace weir {

/// Adds both to the subcommand `tune`.
void addTuneFileCommands(CLI::App &tune, Action &action);

} // namespace weir
