//===- ScheduleGpu.cpp - see ScheduleGpu.h ---------------------------------------------------===//
//
// The plain nest: a thread for each element, whatever its dimensions, so that neighbours in memory
// belong to neighbouring threads and a few channels waste none. A tuple of results that may lie
// over operands is loaded whole by its thread before the first store; no element has two threads.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleGpu.h"

using namespace Halide;

namespace weir::kernels {
namespace {

/// Threads of a block; fewer where otherwise multiprocessors would stay idle.
constexpr int64_t manyElements = 1 << 16;
constexpr int blockThreads = 256, fewThreads = 64;

} // namespace

Var flatThreads(Func func, llvm::ArrayRef<int> extents) {
  const Var block("block"), thread("thread");
  func.compute_root();
  if (extents.empty()) {
    func.split(Var::outermost(), Var::outermost(), block, 1)
        .split(block, block, thread, 1)
        .gpu_blocks(block)
        .gpu_threads(thread);
    return thread;
  }
  Var flat = func.args()[0];
  int64_t elements = extents[0];
  for (size_t dimension = 1; dimension < extents.size(); ++dimension) {
    const Var fused("flat" + std::to_string(dimension));
    func.fuse(flat, func.args()[dimension], fused);
    flat = fused;
    elements *= extents[dimension];
  }
  const int threads = elements >= manyElements ? blockThreads : fewThreads;
  func.gpu_tile(flat, block, thread, threads, TailStrategy::GuardWithIf);
  return thread;
}

void scheduleGpuNest(const Nest &nest) {
  if (nest.output)
    for (auto [dimension, extent] : llvm::enumerate(nest.extents))
      Func(nest.func).bound(indexVar(dimension), 0, extent);
  if (!nest.fused.empty() && nest.fused.front()->isMatrix())
    return scheduleGpuMatrix(*nest.fused.front(), nest.func, nest.extents, nest.staged);
  const Var thread = flatThreads(nest.func, nest.extents);
  const ThreadOf reader{nest.func, thread};
  if (nest.staged.defined())
    Func(nest.staged).compute_at(nest.func, thread).store_in(MemoryType::Register);
  for (const Reduction *reduction : nest.fused)
    scheduleGpuSum(reduction->partial, reduction->domain, nest.extents, reduction->alongColumns,
                   &reader);
}

void scheduleGpuAlone(const Reduction &reduction) {
  const llvm::SmallVector<int> extents = extentsOf(reduction.value);
  if (!reduction.isMatrix())
    return scheduleGpuSum(reduction.partial, reduction.domain, extents, reduction.alongColumns,
                          nullptr);
  Func sum = reduction.parts.defined() ? reduction.parts : reduction.blocks;
  Func whole = sum.in();
  scheduleGpuMatrix(reduction, whole, extents, Func());
}

void scheduleGpuHelper(const Helper &helper) {
  if (helper.domain.defined())
    return scheduleGpuSum(helper.func, helper.domain, helper.extents, /*alongColumns=*/true,
                          nullptr);
  flatThreads(helper.func, helper.extents);
}

} // namespace weir::kernels
