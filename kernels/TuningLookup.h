//===- TuningLookup.h - the record that helps a group ----------------------------------------===//
//
// Exact: the same group, target, processor and number of threads. Near: the same on another
// processor, with other threads or other scales of 8-bit values, or the same matrix product, with
// the same ops around it, of nearby extents; its schedule is made to fit.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "kernels/TuningDatabase.h"

namespace weir {

struct TuningMatch {
  enum class Kind { None, Near, Exact } kind = Kind::None;
  Schedule schedule;                    ///< to compile by
  const TuningRecord *record = nullptr; ///< where it is from
  std::string how; ///< Near: "from 80x32x784 at 2 threads"; None: why not by `record`
};

/// `group` is kernels::describe of `kernel`.
TuningMatch matchTuning(const TuningDatabase &database, KernelOp kernel, const std::string &group,
                        const KernelTarget &target, const std::string &cpu, unsigned threads);

/// The text of a group without the extents of its types, nor scales and zero points: equal for two
/// groups that differ in sizes, or in what calibration found, alone.
std::string withoutExtents(llvm::StringRef group);

/// The text of a group without the scales and zero points of its types.
std::string withoutScales(llvm::StringRef group);

} // namespace weir
