//===- ScheduleStrips.cpp - see Strips.h -----------------------------------------------------===//
//
// The rows of the wide tensor are a ring: the window slides down a strip, what it has not seen yet
// is computed, and its storage is folded to as many rows as it sees. 56x56x144 (24 channels in and
// out, stride 1): 269 us; three kernels take 310, the two products in them 215. 112x112x96 at
// stride 2: 314 and 445 us (one thread of a Zen 5, November 2026).
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleNest.h"
#include "kernels/Strips.h"
#include "kernels/TileLoops.h"

#include <stdexcept>

using namespace Halide;

namespace weir::kernels {
namespace {

Var channel() { return indexVar(0); }
Var x() { return indexVar(1); }
Var y() { return indexVar(2); }
Var image() { return indexVar(3); }

/// One tile's sums, in registers.
void sumTile(const StripProduct &product, int vectorWidth) {
  Func sums = product.sums;
  sums.bound_extent(channel(), product.tileVectors * vectorWidth)
      .vectorize(channel(), vectorWidth, TailStrategy::RoundUp)
      .unroll(channel())
      .unroll(x());
  Stage update = sums.update();
  update.reorder(channel(), x(), product.terms.x)
      .vectorize(channel(), vectorWidth, TailStrategy::RoundUp)
      .unroll(channel())
      .unroll(x());
  const auto terms = Internal::as_const_int(product.terms.x.extent());
  if (terms && *terms % 2 == 0)
    update.unroll(product.terms.x, 2);
}

/// The rows of results: strips, rows, tiles of positions, vectors of filters. Returns where a row
/// of a strip begins, and where the strip does (none: the pipeline).
struct RowLoops {
  Var row, tile, columns;
  std::optional<Var> strip;
};

RowLoops cutRows(Func out, const Nest &nest, const Strips &strips, int vectorWidth) {
  const StripProduct &project = strips.project;
  const int filters = nest.extents[0], width = nest.extents[1], height = nest.extents[2],
            images = nest.extents[3];
  for (size_t dimension = 0; dimension < 4; ++dimension)
    out.bound(indexVar(dimension), 0, nest.extents[dimension]);
  std::vector<VarOrRVar> order = {lane(), vectorOfTile(), rowOfTile()};
  out.split(x(), tileRow(), rowOfTile(), project.tileRows,
            width % project.tileRows ? TailStrategy::ShiftInwards : TailStrategy::RoundUp);
  const TailStrategy tail =
      filters % vectorWidth ? TailStrategy::PredicateStores : TailStrategy::RoundUp;
  const int vectors = (filters + vectorWidth - 1) / vectorWidth;
  RowLoops loops{y(), tileRow(), tileRow(), std::nullopt};
  if (vectors <= project.tileVectors) {
    out.split(channel(), vectorOfTile(), lane(), vectorWidth, tail);
  } else {
    const Var vectorOfRow("vectorOfRow");
    out.split(channel(), vectorOfRow, lane(), vectorWidth, tail)
        .split(vectorOfRow, tileColumn(), vectorOfTile(), project.tileVectors,
               vectors % project.tileVectors ? TailStrategy::GuardWithIf : TailStrategy::RoundUp);
    order.push_back(loops.columns = tileColumn());
  }
  order.push_back(tileRow());
  if (strips.count > 1) {
    const Var strip("strip"), rowOfStrip("rowOfStrip");
    out.split(y(), strip, rowOfStrip, height / strips.count);
    loops.row = rowOfStrip;
    loops.strip = strip;
  }
  order.push_back(loops.row);
  if (loops.strip)
    order.push_back(*loops.strip);
  order.push_back(image());
  out.reorder(order).vectorize(lane());
  if (images > 1 && loops.strip) {
    const Var task("task");
    out.fuse(*loops.strip, image(), task);
    loops.strip = task;
  } else if (images > 1) {
    loops.strip = image();
  }
  return loops;
}

/// The ring, for a strip of `rows` rows.
void keepRows(const Strips &strips, int rows) {
  const WindowAxis &vertical = strips.window.vertical, &horizontal = strips.window.horizontal;
  const auto reach = static_cast<int>((vertical.kernel - 1) * vertical.dilation + 1);
  Func wide = strips.wide;
  if (rows > 1)
    wide.fold_storage(y(), reach);
  const int64_t values =
      reach * (horizontal.before + horizontal.input + horizontal.after) * strips.channels;
  if (2 * values * int64_t(sizeof(float)) <= mostStackBytes) // tiles may round it up
    wide.store_in(MemoryType::Stack);
}

void scheduleWide(const Strips &strips, int vectorWidth) {
  Func wide = strips.wide;
  for (int i = 1; i < wide.num_update_definitions(); ++i)
    wide.update(i).vectorize(channel(), vectorWidth, TailStrategy::RoundUp);
  Stage values = wide.update(0);
  if (!strips.expand) {
    values.vectorize(channel(), vectorWidth, TailStrategy::RoundUp);
    return;
  }
  const StripProduct &expand = *strips.expand;
  const RVar tile("tile"), position("position");
  std::vector<VarOrRVar> order = {lane(), vectorOfTile(), position, tile};
  values.split(strips.columns.x, tile, position, expand.tileRows);
  if ((strips.channels + vectorWidth - 1) / vectorWidth <= expand.tileVectors) {
    values.split(channel(), vectorOfTile(), lane(), vectorWidth, TailStrategy::RoundUp);
  } else {
    const Var vectorOfRow("vectorOfRow");
    values.split(channel(), vectorOfRow, lane(), vectorWidth, TailStrategy::RoundUp)
        .split(vectorOfRow, tileColumn(), vectorOfTile(), expand.tileVectors,
               TailStrategy::RoundUp);
    order.push_back(tileColumn());
  }
  order.insert(order.end(), {y(), image()});
  values.reorder(order).vectorize(lane()).unroll(vectorOfTile()).unroll(position);
  Func(expand.sums).compute_at(wide, tile);
  sumTile(expand, vectorWidth);
}

/// Sliding windows name the loops that they let begin earlier.
class FindEarlyTurns : public Internal::IRMutator {
  using IRMutator::visit;
  Internal::Stmt visit(const Internal::For *loop) override {
    if (loop->name.find(".$n") != std::string::npos)
      throw std::runtime_error("the loop over a strip's rows begins ahead of them");
    return IRMutator::visit(loop);
  }
};

} // namespace

void refuseEarlyTurns(Pipeline &pipeline) { pipeline.add_custom_lowering_pass(new FindEarlyTurns); }

LoopFacts factsOf(const Nest &nest, const Strips &strips, const KernelTarget &target) {
  LoopFacts facts;
  facts.kind = LoopFacts::Template::Strips;
  facts.extents.assign(nest.extents.begin(), nest.extents.end());
  facts.terms = strips.channels;
  facts.chosen.vectorWidth = target.vectorWidth;
  facts.chosen.tileVectors = strips.project.tileVectors;
  facts.chosen.tileRows = strips.project.tileRows;
  if (strips.count > 1 || nest.extents[3] > 1)
    facts.chosen.taskRows = nest.extents[2] / strips.count;
  return facts;
}

void scheduleStrips(const Nest &nest, const Strips &strips, int vectorWidth) {
  Func out = nest.func, filtered = strips.filtered, wide = strips.wide;
  const RowLoops loops = cutRows(out, nest, strips, vectorWidth);
  if (loops.strip)
    out.parallel(*loops.strip);
  Func(strips.project.sums).compute_at(out, loops.columns);
  sumTile(strips.project, vectorWidth);
  // Of the positions of a tile: they stay in L1 until their products are done.
  filtered.compute_at(out, loops.tile)
      .bound_extent(x(), strips.project.tileRows)
      .store_in(MemoryType::Stack)
      .split(channel(), vectorOfTile(), lane(), vectorWidth, TailStrategy::RoundUp)
      .reorder(lane(), x(), vectorOfTile())
      .vectorize(lane())
      .unroll(x());
  wide.compute_at(out, loops.row);
  if (loops.strip)
    wide.store_at(out, *loops.strip);
  else
    wide.store_root();
  keepRows(strips, nest.extents[2] / strips.count);
  scheduleWide(strips, vectorWidth);
}

} // namespace weir::kernels
