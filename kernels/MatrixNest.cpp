//===- MatrixNest.cpp - see MatrixNest.h -----------------------------------------------------===//
//
// A register tile of rows x vectors of sums; for each term the tile's vectors of the right operand
// are loaded and the rows' values of the left operand broadcast. dense 32x784x80 (4 x 5 vectors,
// blocks of 56): 29.4 us, 137 GFLOP/s. dense_weight_grad of it (4 x 5): 30 us. dense 1x784x80 (1 x
// 5): 2.9 us, 87 GB/s from L2. With nadam behind it the weight gradient takes 60 us, of which 30
// are the three tensors' way from and to L2 and the divider.
// Numbers: one thread of a 2.5 GHz Xeon with AVX-512, peak 148 GFLOP/s, 129 GB/s from L2, November
// 2026.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/MatrixNest.h"
#include "kernels/NestLoops.h"

using namespace Halide;

namespace weir::kernels {

void cutTiles(Func sums, const Schedule &schedule) {
  sums.split(column(), tileColumn(), lane(), schedule.tileVectors * schedule.vectorWidth,
             TailStrategy::RoundUp)
      .split(row(), tileRow(), rowOfTile(), schedule.tileRows, TailStrategy::RoundUp)
      .reorder(lane(), rowOfTile(), tileColumn(), tileRow());
}

namespace {

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
    if (nest.summed && masked) { // one vector's sums stay in registers from a tile's first row on
      std::swap(order[1], order[2]);
      stage.reorder(order).vectorize(lane()).unroll(rowOfTile()).unroll(vectorOfTile());
      return home;
    }
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

  /// The sums of each part of the terms by a task of its own, then their sum.
  void sumParts(Func blocks) {
    Func parts = reduction.parts;
    const Var part = blocks.args()[2];
    const int vector = schedule.vectorWidth;
    blocks.compute_root().vectorize(column(), vector, TailStrategy::RoundUp).parallel(part);
    sumBlock(blocks, {reduction.blockDomain.x, part});
    blocks.update().parallel(part);
    parts.compute_root().vectorize(column(), vector, TailStrategy::RoundUp);
    parts.update()
        .reorder(column(), reduction.partDomain.x, row())
        .vectorize(column(), vector, TailStrategy::RoundUp);
  }

  /// All sums of a task in L1, and block by block of the depth the tiles' sums added to them.
  void sumBlocks(const Func &consumer, Func blocks) {
    if (reduction.parts.defined())
      return sumParts(blocks);
    const bool even = !schedule.taskRows || rows % schedule.taskRows == 0;
    if (!schedule.taskRows)
      blocks.compute_root();
    else if (even)
      blocks.compute_at(consumer, task()).bound_extent(row(), schedule.taskRows);
    else
      blocks.compute_at(consumer, task()).bound_storage(row(), schedule.taskRows);
    keepOnStack(blocks, int64_t(columns + tileColumns) * rows);
    blocks.vectorize(column(), schedule.vectorWidth, TailStrategy::RoundUp);
    sumBlock(blocks, {reduction.blockDomain.x});
  }

  /// `outermost`: the loops over blocks.
  void sumBlock(Func blocks, const std::vector<VarOrRVar> &outermost) {
    const bool even = !schedule.taskRows || rows % schedule.taskRows == 0;
    Stage update = blocks.update();
    update.split(row(), tileRow(), rowOfTile(), schedule.tileRows,
                 even ? guardedTail(rows, schedule.tileRows) : TailStrategy::GuardWithIf);
    const Var home = cutColumns(update, {tileRow()}, /*masked=*/false, outermost);
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

} // namespace

void scheduleMatrixNest(const Nest &nest, const Reduction &reduction) {
  MatrixNest(nest, reduction).apply();
}

} // namespace weir::kernels
