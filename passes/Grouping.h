//===- Grouping.h - which ops become one kernel ----------------------------------------------===//

#pragma once

#include "passes/Views.h"

#include "llvm/ADT/SetVector.h"
#include <vector>

namespace weir {

/// A set of ops that becomes one kernel; ops in program order.
struct Group {
  llvm::SetVector<mlir::Operation *> ops;
  /// Those that are complete only when the loops that make what they sum up are done: sums over
  /// channels, and what is computed of them.
  llvm::SmallPtrSet<mlir::Operation *, 4> behindLoops;
};

/// True for ops that stay outside kernels: they move no data. (A view that stands between windows
/// and the product that takes them in is in a group nevertheless.)
bool isFree(mlir::Operation *op, const ViewChoice &views);

/// The groups of a function in a valid order: what a group needs comes before it, and whoever reads
/// a variable comes before the group that writes it. Among those that may come next, the one whose
/// first op stands first in the program.
/// Fails, with an error at an op, where there is none: the new value of a variable can be needed
/// before its old one has been read.
mlir::FailureOr<std::vector<Group>> chooseGroups(mlir::Block &block, const ViewChoice &views);

} // namespace weir
