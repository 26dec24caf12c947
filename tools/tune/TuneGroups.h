//===- TuneGroups.h - what there is to tune in a net -----------------------------------------===//

#pragma once

#include "tools/tune/TuneSearch.h"

#include "mlir/IR/BuiltinOps.h"
#include <nlohmann/json.hpp>

namespace weir {

/// The distinct groups of a net, and the kernels of each entry.
struct TuneNet {
  struct Entry {
    std::string name;
    std::vector<size_t> kernels; ///< the group of each
  };
  std::vector<TuneGroup> groups;
  std::vector<Entry> entries;
};

/// Of a planned module for `target`; the groups' shares are not known yet.
TuneNet collectTuneNet(mlir::ModuleOp module, const KernelTarget &target);

/// Of one entry in one run of a program: the least times of a call, and of its kernels.
struct EntryTimes {
  double milliseconds = 0;
  std::vector<double> kernels;
};

/// The entries' times from the program's `bench --json`. An error where the two do not belong
/// together.
llvm::Expected<std::vector<EntryTimes>> readTimes(const TuneNet &net, const nlohmann::json &bench);

/// Sets the groups' shares: each entry counts as much as another.
void addShares(TuneNet &net, llvm::ArrayRef<EntryTimes> times);

} // namespace weir
