//===- EmitPacked.cpp - matrix products of 8-bit integers ------------------------------------===//
//
// packed_dense sums `group` products at a time for each result: 4 of u8 x i8 by vpdpbusd, 64 by
// tdpbusd where the target has tiles and the product suits them, or 2 of i16 x i16 by vpmaddwd, all
// exact in 32 bits (vpmaddubsw is not: its sums of two products saturate at 16). For the last, and
// where the depth does not divide, a tile's rows are copied first, widened and filled up with
// zeros. What is left of dense has weights that are not known at compile time.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/EmitQuantized.h"
#include "kernels/MatrixLoops.h"
#include "kernels/TileProducts.h"
#include "kernels/Windows.h"

#include "llvm/ADT/bit.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

int extent(Value value, unsigned dimension) {
  return static_cast<int>(
      llvm::cast<mlir::RankedTensorType>(value.getType()).getDimSize(dimension));
}

/// The rows that a tile of the product reads, `depth` of `padded` values each, as `type`.
Func stageRows(Emitter &emitter, Value x, int depth, int padded, Type type) {
  const Var k("k"), row = indexVar(1);
  Func rows("rows");
  rows(k, row) = depth == padded ? undef(type) : Internal::make_zero(type);
  const RDom all(0, depth);
  rows(all, row) = cast(type, emitter.at(x, {all.x, row}));
  return rows;
}

/// As stageRows, of windows: their taps' channels one behind the other.
Func stageWindows(const Emitter &emitter, PatchesOp windows, int depth, int padded, Type type) {
  const llvm::ArrayRef<int64_t> shape = windows.getType().getShape();
  const Boxes positions({shape[2], shape[1], shape[0]}, 1),
      taps({shape[5], shape[4], shape[3]}, depth);
  const Var k("k"), row = indexVar(1);
  Func rows("rows");
  rows(k, row) = depth == padded ? undef(type) : Internal::make_zero(type);
  const RDom all = taps.loop();
  const std::vector<Expr> tap{all.x, all.y, all.z};
  rows(taps.number(tap), row) =
      cast(type, valueOf(emitter, windows, positions.place(row, {0, 0, 0}), tap));
  return rows;
}

/// The sums of four bytes at a time, read from the image through windows.
void sumWindows(const Emitter &emitter, Reduction &reduction, const LoopFacts &loops,
                const SumRows &rows, PatchesOp windows, Value weight) {
  const Boxes terms(loops.termDimensions, loops.extents[2]);
  const llvm::ArrayRef<int64_t> extents = loops.termDimensions;
  reduction.domain = RDom(0, reduction.dotTerms, 0, static_cast<int>(extents[0]), 0,
                          static_cast<int>(extents[1]), 0, static_cast<int>(extents[2]));
  const RVar inner = reduction.domain.x, channels = reduction.domain.y, n = reduction.domain.z,
             m = reduction.domain.w;
  reduction.shortTerms = terms.isShort();
  const Expr left =
      valueOf(emitter, windows, rows.row(), {channels * reduction.dotTerms + inner, n, m});
  const Expr right = emitter.at(weight, {inner, indexVar(0), terms.number({channels, n, m})});
  reduction.partial(rows.vars()) = 0;
  reduction.partial(rows.vars()) += cast<int32_t>(left) * cast<int32_t>(right);
}

} // namespace

void emitPackedDense(Operation *op, Emitter &emitter) {
  auto dense = llvm::cast<PackedDenseOp>(op);
  const Value x = dense.getX(), weight = dense.getWeight(), result = dense.getResult();
  PatchesOp windows = windowsBehind(x);
  if (!windows)
    emitter.keepInMemory(x);
  const int group = extent(weight, 2), groups = extent(weight, 0), depth = extent(x, 1);
  const Var column = indexVar(0);
  Reduction reduction;
  reduction.value = result;
  reduction.dotTerms = group;
  reduction.depth = groups;
  // One shape of tiles to a kernel: the registers of another would have to be configured anew.
  const bool hasTiles =
      llvm::any_of(emitter.reductions, [](const Reduction &r) { return r.tiles; });
  const LoopFacts loops = loopsOf(dense, hasTiles ? withoutTiles(emitter.target) : emitter.target);
  reduction.tiles = loops.kind == LoopFacts::Template::Tiles;
  reduction.schedule = emitter.scheduleOf(loops);
  const SumRows rows(loops, reduction.schedule);
  const Func sum = reduction.partial;
  const auto define = [&] {
    emitter.reductions.push_back(std::move(reduction));
    emitter.define(
        result, [&](Exprs i) { return sum(rows.placeOf(i)) + emitter.at(dense.getBias(), i[0]); });
  };
  if (!loops.rowDimensions.empty()) {
    sumWindows(emitter, reduction, loops, rows, windows, weight);
    return define();
  }
  const Expr row = rows.row()[0];
  reduction.domain = RDom(0, group, 0, groups);
  const RVar inner = reduction.domain.x, outer = reduction.domain.y;
  const Type stagedType = group == 2 ? Int(16) : UInt(8);
  if (windows) {
    const auto channels = static_cast<int>(windows.getType().getShape()[5]);
    reduction.staged = stageWindows(emitter, windows, depth, group * groups, stagedType);
    reduction.stagedValues = std::min(4 * reduction.schedule.vectorWidth,
                                      static_cast<int>(llvm::bit_floor(unsigned(channels))));
  } else if (group == 2 || depth % group != 0) {
    reduction.staged = stageRows(emitter, x, depth, group * groups, stagedType);
  }
  const auto left = [&](const Expr &k) {
    return reduction.staged.defined() ? reduction.staged(k, row) : emitter.at(x, {k, row});
  };
  if (reduction.tiles) {
    reduction.partial(rows.vars()) =
        tileSums(left(0), left(group * groups - 1), emitter.at(weight, {0, column, 0}),
                 {tileShape(reduction.schedule.tileRows, groups), groups, extent(weight, 1)});
  } else {
    Expr right = emitter.at(weight, {inner, column, outer});
    if (group == 2)
      right = cast<int16_t>(right);
    reduction.partial(rows.vars()) = 0;
    reduction.partial(rows.vars()) +=
        cast<int32_t>(left(outer * group + inner)) * cast<int32_t>(right);
  }
  define();
}

void emitQuantizedDense(Operation *op, Emitter &emitter) {
  auto dense = llvm::cast<DenseOp>(op);
  const Value x = dense.getX(), weight = dense.getWeight(), bias = dense.getBias();
  const Quantization type = *quantizationOf(x.getType());
  emitter.keepInMemory(x);
  emitter.keepInMemory(weight);
  const int depth = extent(weight, 0);
  const std::vector<Var> vars = indexVars(extentsOf(dense.getResult()).size());
  Reduction reduction;
  reduction.value = dense.getResult();
  reduction.schedule = choosePlainSchedule(emitter.target);
  reduction.domain = RDom(0, depth);
  std::vector<Expr> from(vars.begin(), vars.end());
  from[0] = reduction.domain.x;
  reduction.partial(vars) = 0;
  reduction.partial(vars) += centred(emitter.at(x, from), type) *
                             cast<int32_t>(emitter.at(weight, {vars[0], reduction.domain.x}));
  const Func sum = reduction.partial;
  emitter.reductions.push_back(std::move(reduction));
  emitter.define(dense.getResult(), [&](Exprs i) {
    const Expr value = sum(std::vector<Expr>(i.begin(), i.end()));
    return bias ? value + emitter.at(bias, i[0]) : value;
  });
}

} // namespace weir::kernels
