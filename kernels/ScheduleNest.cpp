//===- ScheduleNest.cpp - see ScheduleNest.h -------------------------------------------------===//
//
// The plain nest (pointwise loops, windows and sums over rows) and the helper; products have their
// own (MatrixNest).
//
// Whole vectors along the last dimension. Sums over positions stay in registers: a tile of a few
// vectors of columns (and of the dimensions inside, such as the taps of a depthwise weight) goes
// through all positions together.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleNest.h"
#include "kernels/MatrixNest.h"
#include "kernels/NestLoops.h"

using namespace Halide;

namespace weir::kernels {
namespace {

/// Taps of a kernel's row or column that are unrolled.
constexpr int mostUnrolled = 7;

/// Of the nest's outer rows, those of one image; 1 where it has no others.
int64_t rowsOfImage(const Nest &nest, size_t inside) {
  int64_t rows = 1;
  for (size_t dimension = inside + 1; dimension + 1 < nest.extents.size(); ++dimension)
    rows *= nest.extents[dimension];
  return rows;
}

class PlainNest {
public:
  PlainNest(const Nest &nest, const Schedule &schedule)
      : nest(nest), schedule(schedule), vectorWidth(schedule.vectorWidth),
        tileVectors(schedule.tileVectors), rank(nest.extents.size()),
        inside(nest.dimensionsInside < rank ? nest.dimensionsInside : 0) {}

  void apply() {
    Func func = nest.func;
    if (!nest.output)
      func.compute_root();
    if (rank == 0)
      return;
    for (size_t dimension = 0; nest.output && dimension < rank; ++dimension)
      func.bound(indexVar(dimension), 0, nest.extents[dimension]);
    func.split(column(), vectorOfTile(), lane(), vectorWidth,
               nest.output ? storeTail(nest.extents[0], vectorWidth) : TailStrategy::RoundUp)
        .vectorize(lane());
    if (vectorWidth == 1 && nest.extents[0] <= mostUnrolled)
      func.unroll(vectorOfTile());
    Var home = vectorOfTile();
    std::vector<VarOrRVar> order{lane()};
    if (tileVectors > 1) {
      home = tileColumn();
      func.split(vectorOfTile(), home, vectorOfTile(), tileVectors).unroll(vectorOfTile());
      order.emplace_back(vectorOfTile());
    }
    for (size_t dimension = 1; dimension <= inside; ++dimension)
      order.emplace_back(indexVar(dimension));
    order.emplace_back(home);
    for (size_t dimension = inside + 1; dimension < rank; ++dimension)
      order.emplace_back(indexVar(dimension));
    func.reorder(order);
    // Neighbours of a row have taps in common, which then are loaded once.
    if (inside > 0 && schedule.depthUnroll > 1)
      func.unroll(indexVar(1), schedule.depthUnroll);
    if (schedule.taskRows)
      share(func, home);
    stage(nest, vectorWidth, inside ? home : vectorOfTile());
    if (inside > 0)
      prefetchBeside(func, home);
    for (const Reduction *reduction : nest.fused)
      sum(*reduction, home);
    for (auto [helper, elements] : nest.ofColumns) {
      // Of a sum over a batch: one image after the other.
      if (nest.fused.empty()) {
        helper.compute_at(func, home);
      } else {
        const RDom &domain = nest.fused.front()->domain;
        helper.compute_at(nest.fused.front()->partial, RVar(domain[domain.dimensions() - 1]));
      }
      helper.vectorize(column(), vectorWidth, TailStrategy::RoundUp);
      keepOnStack(helper, elements * tileVectors);
    }
    for (const Helper &helper : nest.ofRows)
      slideDown(helper.func, func);
  }

private:
  /// Computes the rows of an image that the next row of windows sees and no one before it saw. They
  /// are kept in L2 while they are seen: the image with its border is never written out.
  /// depthwise_conv2d of 8x56x56x144 takes 1.5 ms so, 2.1 with whole images ahead of it (Zen 5, one
  /// thread, November 2026).
  void slideDown(Func rows, const Func &func) {
    rows.store_at(func, schedule.taskRows ? rowOfTask() : indexVar(rank - 1))
        .compute_at(func, indexVar(inside + 1))
        .vectorize(column(), vectorWidth, TailStrategy::RoundUp);
  }

  /// Among cores: the rows of all outer dimensions, or where there are none the tiles of columns.
  void share(Func func, const Var &home) {
    if (rank <= inside + 1) {
      if (nest.extents[0] > tileVectors * vectorWidth)
        func.parallel(home);
      return;
    }
    Var outer = indexVar(inside + 1);
    int rows = nest.extents[inside + 1];
    if (const int64_t imageRows = rowsOfImage(nest, inside);
        imageRows > 1 && schedule.taskRows % imageRows == 0) {
      func.split(indexVar(rank - 1), task(), rowOfTask(),
                 static_cast<int>(schedule.taskRows / imageRows), TailStrategy::GuardWithIf)
          .parallel(task());
      return;
    }
    for (size_t dimension = inside + 2; dimension < rank; ++dimension) {
      const Var fused("rows" + std::to_string(dimension));
      func.fuse(outer, indexVar(dimension), fused);
      outer = fused;
      rows *= nest.extents[dimension];
    }
    if (rows == 1) {
      func.parallel(home);
      return;
    }
    func.split(outer, task(), rowOfTask(), schedule.taskRows, TailStrategy::GuardWithIf)
        .parallel(task());
  }

  /// Asks for what stands beside a vector of columns while the one before is computed: it comes in
  /// pieces of one vector, and mostly from far away. Behind an input's gradient of 8x7x7x960 the
  /// mask's operand takes 240 us without, 137 with (Zen 5, one thread, November 2026).
  void prefetchBeside(Func func, const Var &home) {
    for (const ImageParam &operand : nest.beside)
      func.prefetch(operand, home, home, 1, PrefetchBoundStrategy::NonFaulting);
  }

  void sum(const Reduction &reduction, const Var &home) {
    Func partial = reduction.partial;
    partial.compute_at(nest.func, home)
        .bound_extent(column(), tileVectors * vectorWidth)
        .vectorize(column(), vectorWidth, TailStrategy::RoundUp);
    Stage update = partial.update();
    std::vector<VarOrRVar> order{column()};
    for (size_t dimension = 1; dimension <= inside; ++dimension)
      order.emplace_back(indexVar(dimension));
    for (int dimension = 0; dimension < reduction.domain.dimensions(); ++dimension)
      order.emplace_back(RVar(reduction.domain[dimension]));
    update.reorder(order).vectorize(column(), vectorWidth, TailStrategy::RoundUp);
    if (tileVectors > 1) {
      partial.unroll(column());
      update.unroll(column());
    }
    for (size_t dimension = 1; dimension <= inside; ++dimension)
      if (nest.extents[dimension] <= mostUnrolled) {
        partial.bound_extent(indexVar(dimension), nest.extents[dimension]);
        partial.unroll(indexVar(dimension));
        update.unroll(indexVar(dimension));
      }
  }

  const Nest &nest;
  const Schedule &schedule;
  const int vectorWidth, tileVectors;
  const size_t rank, inside;
};

} // namespace

LoopFacts factsOf(const Nest &nest, const KernelTarget &target) {
  if (target.isGpu())
    return {}; // a thread for each element: nothing to choose
  int64_t terms = 0;
  for (const Reduction *reduction : nest.fused)
    terms = std::max(terms, reduction->terms());
  const size_t inside = nest.dimensionsInside < nest.extents.size() ? nest.dimensionsInside : 0;
  return plainFacts(nest.extents, static_cast<int64_t>(inside), terms, target, nest.phases);
}

bool goesDownImages(const Nest &nest, const Schedule &schedule) {
  const int64_t rows = rowsOfImage(nest, nest.dimensionsInside);
  return nest.fused.empty() && nest.dimensionsInside == 1 && nest.extents.size() == 4 &&
         (!schedule.taskRows || (rows > 1 && schedule.taskRows % rows == 0));
}

void scheduleNest(const Nest &nest, const Schedule &schedule) {
  if (!nest.fused.empty() && nest.fused.front()->isMatrix())
    scheduleMatrixNest(nest, *nest.fused.front());
  else
    PlainNest(nest, schedule).apply();
}

void scheduleAlone(const Reduction &reduction) {
  const int vectorWidth = reduction.schedule.vectorWidth;
  for (Func func : {reduction.partial, reduction.blocks})
    if (func.defined()) {
      func.compute_root();
      if (func.dimensions() == 0)
        continue;
      if (reduction.tiles) {
        cutTiles(func, reduction.schedule);
        continue;
      }
      if (reduction.isMatrix() && func.name() == reduction.partial.name() &&
          extentsOf(reduction.value)[1] % reduction.schedule.tileRows)
        func.bound(row(), 0, reduction.schedule.tileRows);
      func.vectorize(column(), vectorWidth, TailStrategy::RoundUp);
      func.update().vectorize(column(), vectorWidth, TailStrategy::RoundUp);
    }
  if (Func packed = reduction.packed; packed.defined())
    packed.compute_root().vectorize(column(), vectorWidth, TailStrategy::RoundUp);
  if (Func staged = reduction.staged; staged.defined())
    staged.compute_root();
}

/// Of an image with its border: cores share its rows, as they share those of who reads it.
static void shareRows(const Helper &helper) {
  const size_t rank = helper.extents.size();
  int64_t values = 1;
  for (const int extent : helper.extents)
    values *= extent;
  constexpr int tasks = mostRowTasks;
  if (rank < 3 || values < leastParallelElements || helper.domain.defined())
    return;
  Func func = helper.func;
  const std::vector<Var> vars = func.args();
  const Var rows("rows");
  const int count = helper.extents[rank - 2] * helper.extents[rank - 1];
  func.fuse(vars[rank - 2], vars[rank - 1], rows)
      .split(rows, task(), rowOfTask(), (count + tasks - 1) / tasks, TailStrategy::GuardWithIf)
      .parallel(task());
}

void scheduleHelper(const Helper &helper, const KernelTarget &target) {
  Func func = helper.func;
  func.compute_root();
  if (func.dimensions() == 0)
    return;
  // Helpers of rows read their row's elements far apart and unguarded.
  const Var first = func.args()[0];
  const TailStrategy tail =
      first.name() == column().name() ? TailStrategy::RoundUp : TailStrategy::GuardWithIf;
  func.vectorize(first, target.vectorWidth, tail);
  for (int i = 0; i < func.num_update_definitions(); ++i)
    func.update(i).vectorize(first, target.vectorWidth, tail);
  shareRows(helper);
}

} // namespace weir::kernels
