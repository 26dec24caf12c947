//===- ScheduleNest.h - loops for a group's Funcs --------------------------------------------===//
//
// The second half of a kernel's compilation: in which order, in which vectors, on which core. The
// templates take their numbers from a Schedule and never look at the ops.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Emit.h"

namespace weir::kernels {

/// A Func that is computed whole: an output (a tuple of results of one shape) or a value kept in
/// memory.
struct Nest {
  Halide::Func func;
  /// For outputs: the same values one loop further in, see scheduleNest.
  Halide::Func staged;
  llvm::SmallVector<int> extents;       ///< innermost first
  std::vector<const Reduction *> fused; ///< reductions of `extents` that only this nest reads
  std::vector<Halide::Func> ahead;      ///< Emitter::ahead of ops that only this nest reads
  /// How many dimensions after the first one a vector of columns goes through before the next
  /// vector's turn: what depends on the column and those alone stays in registers.
  size_t dimensionsInside = 0;
  int64_t phases = 1;                                      ///< see Emitter::phases
  std::vector<std::pair<Halide::Func, int64_t>> ofColumns; ///< see Emitter::ofColumns
  std::vector<Helper> ofRows;                              ///< see Emitter::ofRows
  /// Operands of `extents` that are read value by value, as by a mask behind a gradient.
  std::vector<Halide::ImageParam> beside;
  bool output = false;
  bool summed = false; ///< sums over its rows are taken where it stores them
};

/// What the plain template has to know of a nest, and of a sum in lanes.
LoopFacts factsOf(const Nest &nest, const KernelTarget &target);
LoopFacts factsOf(const LaneSum &sum, const KernelTarget &target);

/// Cuts the nest's loops and computes its fused reductions inside. A matrix product is cut by the
/// schedule that it was emitted for, others by `schedule`.
void scheduleNest(const Nest &nest, const Schedule &schedule);

/// Whether the nest goes down one image after the other, so that it can have `ofRows` computed on
/// its way.
bool goesDownImages(const Nest &nest, const Schedule &schedule);

/// A reduction that nobody's loops can hold: computed whole before its readers.
void scheduleAlone(const Reduction &reduction);

/// Sums of lanes, in registers; their blocks among cores.
void scheduleLanes(const LaneSum &sum, const Schedule &schedule);

/// A helper that is computed whole: vectors along its first dimension.
void scheduleHelper(const Helper &helper, const KernelTarget &target);

} // namespace weir::kernels
