//===- TuneBaselines.h - Halide's autoschedulers against our schedules -----------------------===//

#pragma once

#include "tools/Compiler.h"
#include "tools/tune/TuneDevice.h"
#include "tools/tune/TuneSearch.h"

namespace weir {

/// Compiles each group by Adams2019 and Mullapudi2016, in child processes with a time limit, and
/// times what comes out against the default schedule; the groups that take most time first, for
/// `budget` seconds. Prints a table or JSON and returns an exit code.
int runBaselines(Compiler &compiler, const TuneDevice &device, llvm::ArrayRef<TuneGroup> groups,
                 double budget, bool json);

} // namespace weir
