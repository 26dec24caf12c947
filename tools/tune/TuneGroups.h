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

/// Of a planned module; the groups' shares are not known yet.
TuneNet collectTuneNet(mlir::ModuleOp module);

/// Sets the groups' shares from the program's `bench --json`: each entry counts as much as another.
/// An error where the two do not belong together.
llvm::Error addShares(TuneNet &net, const nlohmann::json &bench);

} // namespace weir
