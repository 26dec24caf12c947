//===- ScheduleGpuSum.cpp - sums of many values on a GPU -------------------------------------===//
//
// A sum of few values is taken by the thread that reads it. A longer one is cut into parts, one for
// each block, whose lanes (threads) take every n-th value and are added up in shared memory; the
// reader adds up the parts. All in one fixed order.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleGpu.h"

using namespace Halide;

namespace weir::kernels {
namespace {

/// Lanes that one thread adds up; more are added up in two steps.
constexpr int mostLanesOfThread = 16;

/// Loops of a Func whose elements live in shared memory for a block: one for each thread.
Var threadsOf(Func func, llvm::ArrayRef<Var> threads) {
  std::vector<VarOrRVar> order(threads.begin(), threads.end());
  for (const Var &var : func.args())
    if (llvm::none_of(threads, [&](const Var &t) { return t.name() == var.name(); }))
      order.emplace_back(var);
  func.reorder(order);
  if (threads.size() == 1)
    func.gpu_threads(threads[0]);
  else if (threads.size() == 2)
    func.gpu_threads(threads[0], threads[1]);
  else
    func.gpu_threads(threads[0], threads[1], threads[2]);
  return threads[0];
}

} // namespace

void scheduleGpuSum(Func func, const RDom &domain, llvm::ArrayRef<int> extents, bool alongColumns,
                    const ThreadOf *reader) {
  int64_t terms = 1;
  for (int d = 0; d < domain.dimensions(); ++d)
    terms *= *Internal::as_const_int(domain[d].extent());
  const Schedule schedule = chooseGpuSumSchedule(extents, terms, alongColumns);
  const int lanes = alongColumns ? schedule.threadColumns : schedule.threadRows,
            elements = alongColumns ? schedule.threadRows : schedule.threadColumns;
  if (lanes == 1) {
    if (reader) {
      func.compute_at(reader->func, reader->thread);
      return;
    }
    Func whole = func.in();
    func.compute_at(whole, flatThreads(whole, extents));
    return;
  }

  // The terms: part, turn of the lanes, lane.
  RVar all = domain[0];
  const RVar part("part"), rest("rest"), turn("turn"), lane("lane"), laneOfThread("laneOfThread"),
      thread("thread");
  Stage update = func.update();
  for (int d = 1; d < domain.dimensions(); ++d) {
    const RVar fused("terms" + std::to_string(d));
    update.fuse(all, domain[d], fused);
    all = fused;
  }
  const bool hasParts = schedule.parts > 1, twoSteps = lanes > mostLanesOfThread;
  if (hasParts)
    update.split(all, part, rest, static_cast<int>((terms + schedule.parts - 1) / schedule.parts),
                 TailStrategy::GuardWithIf);
  update.split(hasParts ? rest : all, turn, lane, lanes, TailStrategy::GuardWithIf);
  if (twoSteps)
    update.split(lane, laneOfThread, thread, mostLanesOfThread);

  // One Func for each level: the parts, (the threads that add up lanes,) the lanes.
  const Var p("p"), t("t"), l("l");
  Func top = func;
  if (hasParts)
    top = func.update().rfactor(part, p);
  Func middle, leaf;
  if (twoSteps) {
    middle = top.update().rfactor(thread, t);
    leaf = middle.update().rfactor(laneOfThread, l);
  } else {
    leaf = top.update().rfactor(lane, l);
  }

  // The blocks: some elements along the longest dimension, and a part.
  Func whole = top.in();
  whole.compute_root();
  const size_t along = longestDimension(extents);
  const std::vector<Var> args = whole.args();
  const Var tile("tile"), element("element"), block("block");
  Var blocks = tile;
  if (extents.empty()) {
    if (!hasParts)
      whole.split(Var::outermost(), Var::outermost(), tile, 1).split(tile, tile, element, 1);
    else
      whole.split(args[0], blocks, element, 1);
  } else {
    whole.split(args[along], tile, element, elements, TailStrategy::ShiftInwards);
  }
  std::vector<VarOrRVar> order{element, blocks};
  for (size_t d = 0; d < args.size(); ++d)
    if (!(extents.empty() ? d == 0 : d == along))
      order.emplace_back(args[d]);
  if (!args.empty())
    whole.reorder(order);
  for (size_t d = 2; d < order.size(); ++d) {
    const Var fused("blocks" + std::to_string(d));
    whole.fuse(blocks, order[d].var, fused);
    blocks = fused;
  }
  whole.gpu_blocks(blocks).gpu_threads(element);
  top.compute_at(whole, element);

  // The lanes.
  const auto inShared = [&](Func level, llvm::ArrayRef<Var> lanesOfLevel) {
    Func kept = level.in();
    kept.compute_at(whole, blocks).store_in(MemoryType::GPUShared);
    llvm::SmallVector<Var> threads(lanesOfLevel);
    if (!extents.empty())
      threads.insert(alongColumns ? threads.end() : threads.begin(), args[along]);
    level.compute_at(kept, threadsOf(kept, threads));
  };
  if (twoSteps) {
    inShared(middle, {t});
    inShared(leaf, {t, l});
  } else {
    inShared(leaf, {l});
  }

  if (!hasParts)
    return;
  if (reader) {
    func.compute_at(reader->func, reader->thread);
    return;
  }
  Func sum = func.in();
  func.compute_at(sum, flatThreads(sum, extents));
}

} // namespace weir::kernels
