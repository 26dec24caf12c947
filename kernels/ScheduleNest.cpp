//===- ScheduleNest.cpp - see ScheduleNest.h -------------------------------------------------===//
//
// Three templates: the matrix nest (all dense ops), the plain nest (pointwise loops, windows and
// sums over rows) and the helper. Numbers: one thread of a 2.5 GHz Xeon with AVX-512, peak 148
// GFLOP/s, 129 GB/s from L2, November 2026.
//
// Vectors may run over the end of a row: loads are guarded (Emitter::guarded), scratch memory is
// rounded up, and only an output's last store is masked. Nothing is ever computed twice, for
// outputs may lie over inputs.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleNest.h"
#include "kernels/TileLoops.h"

using namespace Halide;

namespace weir::kernels {
namespace {

/// Taps of a kernel's row or column that are unrolled.
constexpr int mostUnrolled = 7;

Var task() { return Var("task"); }
Var rowOfTask() { return Var("rowOfTask"); }
Var column() { return indexVar(0); }
Var row() { return indexVar(1); }
Var line() { return indexVar(2); }

void keepOnStack(Func func, int64_t elements) {
  if (elements * int64_t(sizeof(float)) <= mostStackBytes)
    func.store_in(MemoryType::Stack);
}

/// Of a loop over whole tiles, which must not run over the end: what they read may not be there.
TailStrategy guardedTail(int64_t extent, int64_t factor) {
  return extent % factor ? TailStrategy::GuardWithIf : TailStrategy::RoundUp;
}

TailStrategy storeTail(int extent, int factor) {
  return extent % factor ? TailStrategy::PredicateStores : TailStrategy::RoundUp;
}

/// The loops that LowerTileProducts makes a block of tiles of, inside of those over blocks.
void cutTiles(Func sums, const Schedule &schedule) {
  sums.split(column(), tileColumn(), lane(), schedule.tileVectors * schedule.vectorWidth,
             TailStrategy::RoundUp)
      .split(row(), tileRow(), rowOfTile(), schedule.tileRows, TailStrategy::RoundUp)
      .reorder(lane(), rowOfTile(), tileColumn(), tileRow());
}

/// The outputs' values before they are stored, all of one turn of the loop `at`: its loads come
/// before its first store, so that a tuple of results may be written over the operands it is made
/// of.
void stage(const Nest &nest, int vectorWidth, const Var &at) {
  if (nest.staged.defined())
    Func(nest.staged)
        .compute_at(nest.func, at)
        .vectorize(column(), vectorWidth, TailStrategy::RoundUp);
}

//===-----------------------------------------------------------------------------------------===//
// The matrix nest
//
// A register tile of rows x vectors of sums; for each term the tile's vectors of the right operand
// are loaded and the rows' values of the left operand broadcast. dense 32x784x80 (4 x 5 vectors,
// blocks of 56): 29.4 us, 137 GFLOP/s. dense_weight_grad of it (4 x 5): 30 us. dense 1x784x80 (1 x
// 5): 2.9 us, 87 GB/s from L2. With nadam behind it the weight gradient takes 60 us, of which 30
// are the three tensors' way from and to L2 and the divider.
//===-----------------------------------------------------------------------------------------===//

class MatrixNest {
public:
  MatrixNest(const Nest &nest, const Reduction &reduction)
      : nest(nest), reduction(reduction), schedule(reduction.schedule), columns(nest.extents[0]),
        rows(nest.extents[1]), lines(nest.extents.size() > 2 ? nest.extents[2] : 0),
        tileColumns(schedule.tileVectors * schedule.vectorWidth),
        depth(static_cast<int>(reduction.depth)) {}

  void apply() {
    Func func = nest.func;
    if (!nest.output)
      func.compute_root();
    for (size_t dimension = 0; nest.output && dimension < nest.extents.size(); ++dimension)
      func.bound(indexVar(dimension), 0, nest.extents[dimension]);
    const Var home = lines ? cutLines(func) : cutRows(func);
    const int64_t allRows = int64_t(rows) * std::max(lines, 1);
    if (!reduction.tiles && sharesColumns(schedule, {allRows, columns, depth}, reduction.dotTerms))
      func.parallel(tileColumn());
    // One vector at a time, unless rows end in masked stores: a load right behind one waits until
    // it has left for the cache, so the loads of a whole tile go first (nadam over 60x10 took 2.7
    // us otherwise).
    stage(nest, schedule.vectorWidth, columns % schedule.vectorWidth ? home : vectorOfTile());
    for (Func ahead : nest.ahead)
      ahead.compute_at(func, home)
          .bound_extent(column(), tileColumns)
          .vectorize(column(), schedule.vectorWidth, TailStrategy::RoundUp);
    if (Func blocks = reduction.blocks; blocks.defined())
      sumBlocks(func, blocks);
    else
      sumTile(func, home);
    if (Func packed = reduction.packed; packed.defined()) {
      packed.compute_root().vectorize(column(), schedule.vectorWidth, TailStrategy::RoundUp);
      keepOnStack(packed, int64_t(columns + tileColumns) * depth);
    }
    if (Func staged = reduction.staged; staged.defined())
      stageLeft(func, staged, home);
  }

private:
  /// Cuts the nest's rows into tiles and these into tasks; returns the innermost loop over tiles.
  Var cutRows(Func func) {
    const int tileRows = schedule.tileRows, tilesOfTask = schedule.taskRows / tileRows;
    const Var tiles("tiles");
    func.split(row(), tilesOfTask ? tiles : tileRow(), rowOfTile(), tileRows,
               guardedTail(rows, tileRows));
    if (tilesOfTask)
      func.split(tiles, task(), tileRow(), tilesOfTask,
                 guardedTail((rows + tileRows - 1) / tileRows, tilesOfTask))
          .parallel(task());
    return cutColumns(func, {tileRow()}, nest.output, {});
  }

  /// Likewise each line's rows into tiles, and the lines into tasks.
  Var cutLines(Func func) {
    const int linesOfTask = schedule.taskRows / rows;
    const Var lineOfTask("lineOfTask");
    func.split(row(), tileRow(), rowOfTile(), schedule.tileRows,
               guardedTail(rows, schedule.tileRows));
    if (linesOfTask)
      func.split(line(), task(), lineOfTask, linesOfTask, guardedTail(lines, linesOfTask))
          .parallel(task());
    return cutColumns(func, {tileRow(), linesOfTask ? lineOfTask : line()}, nest.output, {});
  }

  /// Cuts a stage's columns into tiles and orders its loops, of which `tiles` are those over tiles
  /// of rows; returns the innermost loop over tiles.
  Var cutColumns(Stage stage, const std::vector<VarOrRVar> &tiles, bool masked,
                 const std::vector<VarOrRVar> &outermost) {
    const int vector = schedule.vectorWidth;
    std::vector<VarOrRVar> order = {lane(), vectorOfTile(), rowOfTile()};
    Var home = tileRow();
    const TailStrategy tail = masked ? storeTail(columns, vector) : TailStrategy::RoundUp;
    if (columns <= tileColumns) {
      stage.split(column(), vectorOfTile(), lane(), vector, tail);
      order.insert(order.end(), tiles.begin(), tiles.end());
    } else {
      // The last tile of an output may have fewer vectors; sums are computed for all (see sumTile).
      const Var vectorOfRow("vectorOfRow");
      const int vectors = (columns + vector - 1) / vector;
      stage.split(column(), vectorOfRow, lane(), vector, tail);
      stage.split(vectorOfRow, tileColumn(), vectorOfTile(), schedule.tileVectors,
                  masked && vectors % schedule.tileVectors ? TailStrategy::GuardWithIf
                                                           : TailStrategy::RoundUp);
      if (schedule.columnsInside)
        order.emplace_back(home = tileColumn());
      order.insert(order.end(), tiles.begin(), tiles.end());
      if (!schedule.columnsInside)
        order.emplace_back(tileColumn());
    }
    order.insert(order.end(), outermost.begin(), outermost.end());
    stage.reorder(order).vectorize(lane());
    return home;
  }

  /// The left operand's rows, for one tile at a time: they stay in L1 until the tile's sums are
  /// done. Those of windows cost more to copy, and are copied once for all columns where the loop
  /// over these is the inner one.
  void stageLeft(const Func &consumer, Func staged, const Var &home) {
    const int values = depth * reduction.dotTerms;
    const bool windows = reduction.stagedValues != 0;
    const int bytes = windows ? reduction.stagedValues : 4 * schedule.vectorWidth;
    staged.compute_at(consumer, windows ? tileRow() : home);
    keepOnStack(staged, int64_t(values) * schedule.tileRows / 2);
    const Var k = staged.args()[0];
    staged.bound(k, 0, values).vectorize(k, 4 * schedule.vectorWidth, TailStrategy::GuardWithIf);
    const RVar term(staged.rvars()[0]), vectors("vectors"), inner("inner");
    Stage update = staged.update();
    if (windows) // Halide cannot know that each value has a place of its own
      update.allow_race_conditions();
    update.split(term, vectors, inner, bytes, TailStrategy::GuardWithIf).vectorize(inner);
  }

  /// The rows' sums for a few columns at a time, each in a vector of its own whose lanes are added
  /// up.
  void sumLanes(const Func &consumer, const Var &home) {
    const int vector = schedule.vectorWidth;
    const RVar outer("outer"), inner("inner");
    const Var part("part"), few("few"), columnOfFew("columnOfFew");
    Func partial = reduction.partial;
    partial.update().split(reduction.domain.x, outer, inner, vector);
    Func parts = partial.update().rfactor(inner, part);
    partial.compute_at(consumer, home)
        .bound_extent(column(), vector)
        .vectorize(column(), vector, TailStrategy::RoundUp)
        .unroll(row());
    partial.update()
        .split(column(), few, columnOfFew, schedule.laneColumns, TailStrategy::RoundUp)
        .reorder(inner, columnOfFew, row(), few)
        .atomic()
        .vectorize(inner)
        .unroll(columnOfFew)
        .unroll(row());
    parts.compute_at(partial, few)
        .bound_extent(column(), schedule.laneColumns)
        .reorder_storage(part, column(), row())
        .reorder(part, column(), row())
        .vectorize(part)
        .unroll(column())
        .unroll(row());
    parts.update()
        .reorder(part, column(), row(), outer)
        .vectorize(part)
        .unroll(column())
        .unroll(row());
  }

  /// The sums of one tile, in registers from the first term to the last.
  void sumTile(const Func &consumer, const Var &home) {
    if (schedule.laneColumns)
      return sumLanes(consumer, home);
    Func partial = reduction.partial;
    const int vector = schedule.vectorWidth;
    if (rows % schedule.tileRows) { // all of a tile's places, see SumRows
      partial.bound(row(), 0, schedule.tileRows);
      for (int dimension = 2; dimension < (lines ? 4 : 3); ++dimension)
        partial.bound_extent(indexVar(dimension), 1);
    }
    if (reduction.tiles) { // stored once, then read by the nest: tiles have no way to registers
      partial.compute_at(consumer, home).bound_extent(column(), tileColumns);
      keepOnStack(partial, int64_t(tileColumns) * schedule.tileRows);
      return cutTiles(partial, schedule);
    }
    partial.compute_at(consumer, home)
        .bound_extent(column(), tileColumns)
        .vectorize(column(), vector, TailStrategy::RoundUp)
        .unroll(column())
        .unroll(row());
    const int dots = reduction.dotTerms > 1;
    std::vector<VarOrRVar> order{column(), row()};
    std::vector<RVar> terms;
    for (int d = dots; d < reduction.domain.dimensions(); ++d)
      order.emplace_back(terms.emplace_back(RVar(reduction.domain[d])));
    Stage update = partial.update();
    if (dots) { // side by side in each lane: one instruction adds up their products
      order.insert(order.begin(), reduction.domain.x);
      update.reorder(order).atomic().vectorize(reduction.domain.x);
    } else {
      update.reorder(order);
    }
    update.vectorize(column(), vector, TailStrategy::RoundUp);
    // The operand of which fewer values are needed stays in registers (registersOf,
    // ChooseSchedule.cpp).
    if (!dots && schedule.tileRows < schedule.tileVectors)
      update.reorder(row(), column());
    update.unroll(column()).unroll(row());
    if (terms.size() > 1 && reduction.shortTerms)
      update.unroll(terms[0]).unroll(terms[1]);
    else if (schedule.depthUnroll > 1)
      update.unroll(terms[0], schedule.depthUnroll);
  }

  /// All sums of a task in L1, and block by block of the depth the tiles' sums added to them.
  void sumBlocks(const Func &consumer, Func blocks) {
    const bool even = !schedule.taskRows || rows % schedule.taskRows == 0;
    if (!schedule.taskRows)
      blocks.compute_root();
    else if (even)
      blocks.compute_at(consumer, task()).bound_extent(row(), schedule.taskRows);
    else
      blocks.compute_at(consumer, task()).bound_storage(row(), schedule.taskRows);
    keepOnStack(blocks, int64_t(columns + tileColumns) * rows);
    blocks.vectorize(column(), schedule.vectorWidth, TailStrategy::RoundUp);
    Stage update = blocks.update();
    update.split(row(), tileRow(), rowOfTile(), schedule.tileRows,
                 even ? guardedTail(rows, schedule.tileRows) : TailStrategy::GuardWithIf);
    const Var home = cutColumns(update, {tileRow()}, /*masked=*/false, {reduction.blockDomain.x});
    update.unroll(vectorOfTile()).unroll(rowOfTile());
    sumTile(blocks, home);
  }

  const Nest &nest;
  const Reduction &reduction;
  const Schedule &schedule;
  const int columns, rows; ///< of a line, where rows are cut into lines (Lines.h)
  const int lines;         ///< 0: rows are not
  const int tileColumns, depth;
};

//===-----------------------------------------------------------------------------------------===//
// The plain nest
//
// Whole vectors along the last dimension. Sums over positions stay in registers: a tile of a few
// vectors of columns (and of the dimensions inside, such as the taps of a depthwise weight) goes
// through all positions together.
//===-----------------------------------------------------------------------------------------===//

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
  }

private:
  /// Among cores: the rows of all outer dimensions, or where there are none the tiles of columns.
  void share(Func func, const Var &home) {
    if (rank <= inside + 1) {
      if (nest.extents[0] > tileVectors * vectorWidth)
        func.parallel(home);
      return;
    }
    Var outer = indexVar(inside + 1);
    int rows = nest.extents[inside + 1];
    int64_t imageRows = 1;
    for (size_t dimension = inside + 1; dimension + 1 < rank; ++dimension)
      imageRows *= nest.extents[dimension];
    if (rank > inside + 2 && imageRows > 1 && schedule.taskRows % imageRows == 0) {
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

void scheduleNest(const Nest &nest, const Schedule &schedule) {
  if (!nest.fused.empty() && nest.fused.front()->isMatrix())
    MatrixNest(nest, *nest.fused.front()).apply();
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
