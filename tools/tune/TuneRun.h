//===- TuneRun.h - a search, its comparison of entries, and what is said of both -------------===//

#pragma once

#include "tools/Compiler.h"
#include "tools/tune/TuneGroups.h"

namespace weir {

struct TuneRunOptions {
  double budget = 60;      ///< seconds, the comparison of entries among them
  unsigned candidates = 0; ///< as many at most; 0: as many as the budget allows
  bool json = false, verbose = false;
};

/// Searches schedules for `groups`, the most important first, and puts them into the compiler's
/// database, which holds `database` now. `planned`: the compiler's module after "memory", before
/// anything was made of it; `plain`: its program without records. Returns an exit code.
int runTuning(const TuneRunOptions &options, Compiler &compiler, const TuneNet &net,
              mlir::ModuleOp planned, const std::string &plain, TuningDatabase database,
              const std::vector<TuneGroup> &groups);

} // namespace weir
