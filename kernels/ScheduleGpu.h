//===- ScheduleGpu.h - loops of GPU kernels --------------------------------------------------===//
//
// The GPU's side of ScheduleNest.h: the same nests, reductions and helpers as blocks and threads.
// Every loop of a pipeline runs on the device. Nothing is added atomically: a sum's order depends
// on its shape alone, so that a step gives the same bits each time.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/ScheduleNest.h"

namespace weir::kernels {

void scheduleGpuNest(const Nest &nest);
void scheduleGpuAlone(const Reduction &reduction);
void scheduleGpuHelper(const Helper &helper);

/// A thread for each element, in the order of memory: one kernel. Returns the threads' loop.
Halide::Var flatThreads(Halide::Func func, llvm::ArrayRef<int> extents);

/// Where a Func is computed: by a thread of another Func, once for each of its elements.
struct ThreadOf {
  Halide::Func func;
  Halide::Var thread;
};

/// The matrix product whose sums `result`, of these extents, is made of (`staged`: Nest::staged):
/// the epilogue is fused behind the last part's sum.
void scheduleGpuMatrix(const Reduction &reduction, const Halide::Func &result,
                       llvm::ArrayRef<int> extents, Halide::Func staged);

/// The sum `func` over `domain` for each of `extents` elements: by the thread that reads it, or by
/// lanes and parts ahead of it. Without a reader it is computed whole.
void scheduleGpuSum(Halide::Func func, const Halide::RDom &domain, llvm::ArrayRef<int> extents,
                    bool alongColumns, const ThreadOf *reader);

} // namespace weir::kernels
