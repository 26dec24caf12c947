//===- TuneRun.h - a search, its comparison of entries, and what is said of both -------------===//

#pragma once

#include "tools/Compiler.h"
#include "tools/tune/TunePrograms.h"

namespace weir {

struct TuneRunOptions {
  double budget = 60;      ///< seconds, the comparison of entries among them
  unsigned candidates = 0; ///< as many at most; 0: as many as the budget allows
  bool json = false, verbose = false;
};

/// Searches schedules for `groups` on the device, the most important first, and puts them into the
/// compiler's database, which holds `database` now. `plain`: the program without records. Returns
/// an exit code.
int runTuning(const TuneRunOptions &options, Compiler &compiler, const TuneDevice &device,
              const TuneNet &net, const PlannedModules &planned, const std::string &plain,
              TuningDatabase database, const std::vector<TuneGroup> &groups);

} // namespace weir
