//===- EmitSum.cpp - sum_to, reduce_sum, reduce_mean, sum_of_squares: sums over dimensions ---===//
//
// Two ways, by what lies innermost. A sum that keeps the columns is a Reduction: vectors of columns
// go through the rows. A sum along the columns fills lanes first, each with every n-th value, and
// adds up the lanes. Large sums of both kinds are cut into blocks. The order of additions depends
// on the shapes alone.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Axes.h"
#include "kernels/Emit.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

/// A sum of values of `x` over dimensions of it, innermost first.
struct Sum {
  Value x, result;
  llvm::SmallVector<bool> summed;      ///< each dimension of x
  llvm::SmallVector<size_t> keptPlace; ///< dimension of the result that each kept one of x becomes
  float factor = 1;
  bool squares = false;

  Expr term(const Emitter &emitter, const std::vector<Expr> &index) const {
    const Expr value = emitter.at(x, index);
    return squares ? value * value : value;
  }
  /// Index into x from indices of the summed and of the kept dimensions.
  std::vector<Expr> index(Exprs over, Exprs kept) const {
    std::vector<Expr> all;
    size_t nextOver = 0, nextKept = 0;
    for (auto [d, extent] : llvm::enumerate(extentsOf(x))) {
      if (summed[d]) {
        all.push_back(over[nextOver++]);
        continue;
      }
      const bool isFirst = keptPlace[nextKept] == 0; // whole vectors may run over its end
      all.push_back(isFirst && d != 0 ? min(kept[nextKept], extent - 1) : kept[nextKept]);
      ++nextKept;
    }
    return all;
  }
};

std::vector<Expr> exprsOf(const RDom &domain) {
  std::vector<Expr> all;
  for (int dimension = 0; dimension < domain.dimensions(); ++dimension)
    all.emplace_back(domain[dimension]);
  return all;
}

/// The result at each index from `total` at the kept dimensions' indices.
void defineFromKept(const Sum &sum, Emitter &emitter, const Func &total) {
  emitter.define(sum.result, [&](Exprs i) {
    std::vector<Expr> kept;
    for (const size_t place : sum.keptPlace)
      kept.push_back(i[place]);
    const Expr value = total(kept);
    return sum.factor == 1 ? value : value * sum.factor;
  });
}

/// Terms from which a sum is cut into blocks, and into how many.
constexpr int leastBlockedRows = 512, leastBlockedColumns = 1 << 16, mostBlocks = 16;

Region summedRegion(const Sum &sum) {
  Region region;
  for (auto [d, extent] : llvm::enumerate(extentsOf(sum.x)))
    if (sum.summed[d])
      region.emplace_back(0, extent);
  return region;
}

/// Sums of blocks of the rows: columns, what else is kept, and the block.
Func sumBlocks(const Sum &sum, Emitter &emitter, int blocks) {
  Region region = summedRegion(sum);
  const int rows = static_cast<int>(*Internal::as_const_int(region.back().extent));
  const int rowsOfBlock = (rows + blocks - 1) / blocks;
  region.back() = {0, rowsOfBlock};
  std::vector<Expr> kept;
  for (size_t i = 0; i < sum.keptPlace.size(); ++i)
    kept.emplace_back(indexVar(i));
  const Expr block = indexVar(kept.size());
  LaneSum laneSum;
  laneSum.domain = RDom(region);
  std::vector<Expr> over = exprsOf(laneSum.domain);
  over.back() = block * rowsOfBlock + over.back();
  if (rowsOfBlock * blocks != rows)
    laneSum.domain.where(over.back() < rows);
  std::vector<Expr> place = kept;
  place.push_back(block);
  laneSum.func(place) = 0.0f;
  laneSum.func(place) += sum.term(emitter, sum.index(over, kept));
  laneSum.lanes = extentsOf(sum.x)[0];
  laneSum.blocks = blocks;
  emitter.laneSums.push_back(laneSum);
  return laneSum.func;
}

/// Vectors of columns through all rows; through many rows in blocks, whose sums have smaller errors
/// and can be had on several cores.
void sumRows(const Sum &sum, Emitter &emitter) {
  const Region region = summedRegion(sum);
  int64_t terms = 1;
  for (const Range &range : region)
    terms *= *Internal::as_const_int(range.extent);
  const int rows = static_cast<int>(*Internal::as_const_int(region.back().extent));
  Reduction reduction;
  reduction.value = sum.result;
  reduction.schedule = choosePlainSchedule(emitter.target);
  const std::vector<Var> vars = indexVars(extentsOf(sum.result).size());
  std::vector<Expr> kept;
  for (const size_t place : sum.keptPlace)
    kept.emplace_back(vars[place]);
  reduction.partial(vars) = 0.0f;
  if (emitter.style.lanes && !sum.summed[0] && terms >= leastBlockedRows && rows > 1) {
    const int blocks = std::min(rows, mostBlocks);
    const Func ofBlocks = sumBlocks(sum, emitter, blocks);
    reduction.domain = RDom(0, blocks);
    kept.emplace_back(reduction.domain.x);
    reduction.partial(vars) += ofBlocks(kept);
  } else {
    reduction.domain = RDom(region);
    reduction.alongColumns = sum.summed[0];
    reduction.partial(vars) += sum.term(emitter, sum.index(exprsOf(reduction.domain), kept));
  }
  Func total = reduction.partial;
  emitter.reductions.push_back(std::move(reduction));
  emitter.define(sum.result, [&](Exprs i) {
    const Expr value = total(std::vector<Expr>(i.begin(), i.end()));
    return sum.factor == 1 ? value : value * sum.factor;
  });
}

/// Lanes along the columns, then a sum of the lanes.
void sumLanes(const Sum &sum, Emitter &emitter) {
  const llvm::SmallVector<int> from = extentsOf(sum.x);
  const int columns = from[0], width = emitter.target.vectorWidth;
  // Of several rows the additions overlap, and few lanes are sooner added up.
  const bool alone = sum.keptPlace.empty() || columns >= 64 * width;
  const int lanes = alone && columns >= 8 * width ? 4 * width : width;
  const int turns = columns / lanes, rest = columns % lanes;
  const int blocks = columns >= leastBlockedColumns ? mostBlocks : 1;
  const int turnsOfBlock = (turns + blocks - 1) / blocks;

  const Var lane = indexVar(0);
  std::vector<Expr> kept;
  Region others; // the summed dimensions but the columns
  for (size_t d = 1; d < from.size(); ++d)
    if (sum.summed[d])
      others.emplace_back(0, from[d]);
    else
      kept.emplace_back(indexVar(kept.size() + 1));
  const Expr block = indexVar(kept.size() + 1);

  Region region{{0, turnsOfBlock}};
  region.insert(region.end(), others.begin(), others.end());
  LaneSum laneSum;
  laneSum.domain = RDom(region);
  if (turnsOfBlock * blocks != turns)
    laneSum.domain.where(block * turnsOfBlock + laneSum.domain[0] < turns);
  std::vector<Expr> over = exprsOf(laneSum.domain);
  over[0] = (block * turnsOfBlock + over[0]) * lanes + lane;
  std::vector<Expr> place{lane};
  place.insert(place.end(), kept.begin(), kept.end());
  place.push_back(block);
  laneSum.func(place) = 0.0f;
  laneSum.func(place) += sum.term(emitter, sum.index(over, kept));
  laneSum.lanes = lanes;
  laneSum.blocks = blocks;
  emitter.laneSums.push_back(laneSum);

  Func total;
  total(kept) = 0.0f;
  if (rest > 0) { // first, while the sum is small
    region[0] = {turns * lanes, rest};
    total(kept) += sum.term(emitter, sum.index(exprsOf(RDom(region)), kept));
  }
  const RDom all(0, lanes, 0, blocks);
  place.front() = all.x;
  place.back() = all.y;
  total(kept) += laneSum.func(place);
  emitter.store(total);
  defineFromKept(sum, emitter, total);
}

void emitSum(const Sum &sum, Emitter &emitter) {
  emitter.keepInMemory(sum.x);
  if (!llvm::is_contained(sum.summed, true)) // the same values, or sizes of 1 in front
    return emitter.define(sum.result, [&](Exprs i) {
      std::vector<Expr> kept;
      for (const size_t place : sum.keptPlace)
        kept.push_back(i[place]);
      const Expr value = sum.term(emitter, kept);
      return sum.factor == 1 ? value : value * sum.factor;
    });
  if (emitter.style.lanes && sum.summed[0] && extentsOf(sum.x)[0] >= 2 * emitter.style.vectorWidth)
    return sumLanes(sum, emitter);
  sumRows(sum, emitter);
}

} // namespace

void emitSumTo(Operation *op, Emitter &emitter) {
  Sum sum{op->getOperand(0), op->getResult(0), {}, {}};
  const llvm::SmallVector<int> from = extentsOf(sum.x), to = extentsOf(sum.result);
  for (auto [d, extent] : llvm::enumerate(from)) {
    sum.summed.push_back(d >= to.size() || (to[d] == 1 && extent != 1));
    if (!sum.summed.back())
      sum.keptPlace.push_back(d);
  }
  emitSum(sum, emitter);
}

void emitReduce(Operation *op, Emitter &emitter) {
  Sum sum{op->getOperand(0), op->getResult(0), {}, {}};
  const auto axes = llvm::cast<mlir::DenseI64ArrayAttr>(*op->getInherentAttr("axes")).asArrayRef();
  const bool keepDims = llvm::cast<mlir::BoolAttr>(*op->getInherentAttr("keep_dims")).getValue();
  const auto rank = static_cast<int64_t>(extentsOf(sum.x).size());
  sum.summed.resize(rank);
  for (const int64_t axis : axes)
    sum.summed[rank - 1 - dimensionOf(axis, rank)] = true;
  size_t place = 0;
  int64_t terms = 1;
  for (auto [d, extent] : llvm::enumerate(extentsOf(sum.x))) {
    if (!sum.summed[d])
      sum.keptPlace.push_back(place);
    else
      terms *= extent;
    place += keepDims || !sum.summed[d];
  }
  if (llvm::isa<ReduceMeanOp>(op))
    sum.factor = 1.0f / static_cast<float>(terms);
  emitSum(sum, emitter);
}

void emitSumOfSquares(Operation *op, Emitter &emitter) {
  Sum sum{op->getOperand(0), op->getResult(0), {}, {}};
  sum.summed.assign(extentsOf(sum.x).size(), true);
  sum.squares = true;
  emitSum(sum, emitter);
}

} // namespace weir::kernels
