//===- EmitDense.cpp - dense and its two gradients: the three matrix products ----------------===//
//
// Each is rows x columns sums over a depth, with the columns contiguous in memory, so that one
// register tile serves all three: dense runs along the units, the weight's gradient too, and the
// input's gradient along the features of a transposed copy of the weights. On GPUs tiles of both
// operands are copied to shared memory, whichever way they lie.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Emit.h"
#include "kernels/MatrixLoops.h"
#include "kernels/Windows.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

int64_t extent(Value value, unsigned dimension) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getDimSize(dimension);
}

/// One operand of a product: its value in a line (a row of the left one, a column of the right one)
/// at a term.
struct Operand {
  llvm::function_ref<Expr(Expr line, Expr term)> at;
  bool alongTerms; ///< what is contiguous in memory: terms or lines
};

/// A product's sum at an index of its result.
using SumAt = std::function<Expr(Exprs)>;

/// Adds `reduction`, the sum of `product` over its domain in tiles of rows, and returns the sum at
/// an index. With blocks in the schedule, which `part` counts, it is a sum of sums, and with parts
/// a sum of these.
SumAt addSums(Emitter &emitter, Reduction reduction, const SumRows &rows, const Var &part,
              const Expr &product) {
  std::vector<Var> vars = rows.vars();
  Func partial = reduction.partial, blocks = reduction.blocks;
  SumAt sum;
  if (const int block = reduction.schedule.depthBlock) {
    const Var column = indexVar(0), row = indexVar(1);
    vars.push_back(part);
    const int parts = reduction.schedule.parts;
    const auto blocksOfPart = static_cast<int>(reduction.depth / block / parts);
    reduction.blockDomain = RDom(0, blocksOfPart);
    std::vector<Expr> place = rows.placeOf({column, row});
    partial(vars) = 0.0f;
    partial(vars) += product;
    Func sums = blocks;
    if (parts == 1) {
      place.emplace_back(reduction.blockDomain);
      blocks(column, row) = 0.0f;
      blocks(column, row) += partial(place);
    } else {
      const Var task("task");
      place.emplace_back(task * blocksOfPart + reduction.blockDomain);
      blocks(column, row, task) = 0.0f;
      blocks(column, row, task) += partial(place);
      reduction.partDomain = RDom(0, parts);
      sums = reduction.parts;
      sums(column, row) = 0.0f;
      sums(column, row) += blocks(column, row, reduction.partDomain);
    }
    sum = [sums](Exprs i) { return Expr(sums(i[0], i[1])); };
  } else {
    partial(vars) = 0.0f;
    partial(vars) += product;
    sum = [partial, rows](Exprs i) { return Expr(partial(rows.placeOf(i))); };
  }
  emitter.reductions.push_back(std::move(reduction));
  return sum;
}

/// A sum that is empty yet.
Reduction reductionOf(Value value, const LoopFacts &loops, const Schedule &schedule) {
  Reduction reduction;
  reduction.value = value;
  reduction.schedule = schedule;
  reduction.depth = loops.extents[2];
  return reduction;
}

/// Adds the reduction `sum over k of left(row, k) * right(column, k)` for `value` and returns the
/// sum at an index. Sums of sums are also more accurate: their errors do not add up over the whole
/// depth.
SumAt addMatrixProduct(Emitter &emitter, Value value, const LoopFacts &loops,
                       const Schedule &schedule, const Operand &left, const Operand &right) {
  const Var column = indexVar(0), part = indexVar(4);
  const SumRows rows(loops, schedule);
  Reduction reduction = reductionOf(value, loops, schedule);
  const int block = schedule.depthBlock;
  reduction.domain = RDom(0, block ? block : static_cast<int>(reduction.depth));
  const Expr term = block ? Expr(part * block + reduction.domain) : Expr(reduction.domain);
  const Expr product = left.at(rows.row()[0], term) * right.at(column, term);
  return addSums(emitter, std::move(reduction), rows, part, product);
}

/// The operands of a product whose left one is read through windows: its value at a row and a term,
/// each counted through dimensions, and the right one's at a column and a term's number.
struct WindowOperands {
  llvm::function_ref<Expr(Exprs row, Exprs term)> left;
  llvm::function_ref<Expr(Expr column, Expr term)> right;
};

/// As addMatrixProduct, in tiles of rows that are boxes or pieces of lines, and blocks of terms
/// that are boxes.
SumAt addWindowProduct(Emitter &emitter, Value value, const LoopFacts &loops,
                       const Schedule &schedule, const WindowOperands &operands) {
  const Var column = indexVar(0), part = indexVar(4);
  const SumRows rows(loops, schedule);
  const Boxes terms(loops.termDimensions,
                    schedule.depthBlock ? schedule.depthBlock : loops.extents[2]);
  Reduction reduction = reductionOf(value, loops, schedule);
  reduction.domain = terms.loop();
  reduction.shortTerms = terms.isShort();
  std::vector<Expr> turns;
  for (int d = 0; d < reduction.domain.dimensions(); ++d)
    turns.emplace_back(reduction.domain[d]);
  const std::vector<Expr> term = terms.place(schedule.depthBlock ? Expr(part) : Expr(0), turns);
  const Expr product = operands.left(rows.row(), term) * operands.right(column, terms.number(term));
  return addSums(emitter, std::move(reduction), rows, part, product);
}

/// An operand as a Func of (term, line) or (line, term), whatever `vars` says, of which whole tiles
/// can be asked for: lines beyond the last repeat it, terms beyond the last are zero.
Func tiledOperand(const Operand &operand, const std::vector<Var> &vars, const Var &line,
                  int64_t lines, int64_t linesOfTile, const Var &term, int64_t depth,
                  int64_t termsOfAll) {
  const Expr last = static_cast<int>(lines) - 1, lastTerm = static_cast<int>(depth) - 1;
  const Expr at = lines % linesOfTile ? min(line, last) : Expr(line);
  Func func;
  func(vars) = termsOfAll == depth
                   ? operand.at(at, term)
                   : select(term <= lastTerm, operand.at(at, min(term, lastTerm)), 0.0f);
  return func;
}

/// As addMatrixProduct, with operands that tiles can be copied of, a block of terms at a time, and
/// the blocks dealt to several parts where the schedule says so.
Func addTiledProduct(Emitter &emitter, Value value, int64_t depth, const Schedule &schedule,
                     const Operand &left, const Operand &right) {
  const Var column = indexVar(0), row = indexVar(1), block = indexVar(2), part = indexVar(3),
            term("term");
  const llvm::SmallVector<int> extents = extentsOf(value);
  const int size = schedule.depthBlock;
  const auto blocks = static_cast<int>((depth + size - 1) / size);
  const int blocksOfPart = (blocks + schedule.parts - 1) / schedule.parts;
  const int64_t terms = int64_t(blocksOfPart) * schedule.parts * size;
  Reduction reduction;
  reduction.value = value;
  reduction.schedule = schedule;
  reduction.depth = depth;
  reduction.leftAlongTerms = left.alongTerms;
  reduction.rightAlongTerms = right.alongTerms;
  reduction.left =
      tiledOperand(left, {row, term}, row, extents[1],
                   int64_t(schedule.threadRows) * schedule.tileRows, term, depth, terms);
  reduction.right =
      tiledOperand(right, {column, term}, column, extents[0],
                   int64_t(schedule.threadColumns) * schedule.tileVectors, term, depth, terms);
  reduction.domain = RDom(0, size);
  const Expr k = block * size + reduction.domain;
  reduction.partial(column, row, block) = 0.0f;
  reduction.partial(column, row, block) += reduction.left(row, k) * reduction.right(column, k);
  reduction.blockDomain = RDom(0, blocksOfPart);
  if (schedule.parts == 1) {
    reduction.blocks(column, row) = 0.0f;
    reduction.blocks(column, row) += reduction.partial(column, row, reduction.blockDomain);
  } else {
    reduction.blocks(column, row, part) = 0.0f;
    reduction.blocks(column, row, part) +=
        reduction.partial(column, row, part * blocksOfPart + reduction.blockDomain);
    reduction.partDomain = RDom(0, schedule.parts);
    reduction.parts(column, row) = 0.0f;
    reduction.parts(column, row) += reduction.blocks(column, row, reduction.partDomain);
  }
  emitter.reductions.push_back(reduction);
  return schedule.parts == 1 ? reduction.blocks : reduction.parts;
}

SumAt addProduct(Emitter &emitter, Value value, const LoopFacts &loops, const Schedule &schedule,
                 const Operand &left, const Operand &right) {
  if (!emitter.style.operandTiles)
    return addMatrixProduct(emitter, value, loops, schedule, left, right);
  const Func sum = addTiledProduct(emitter, value, loops.extents[2], schedule, left, right);
  return [sum](Exprs i) { return Expr(sum(i[0], i[1])); };
}

} // namespace

void emitDense(Operation *op, Emitter &emitter) {
  if (isQuantized(op->getOperand(0).getType()))
    return emitQuantizedDense(op, emitter);
  auto dense = llvm::cast<DenseOp>(op);
  const Value x = dense.getX(), weight = dense.getWeight(), bias = dense.getBias();
  PatchesOp windows = windowsBehind(x);
  if (!windows)
    emitter.keepInMemory(x);
  emitter.keepInMemory(weight);
  const LoopFacts loops = loopsOf(dense, emitter.target);
  const Schedule schedule = emitter.scheduleOf(loops);
  const auto weightAt = [&](const Expr &unit, const Expr &k) {
    return emitter.at(weight, {unit, k});
  };
  SumAt sum;
  if (!loops.rowDimensions.empty())
    sum = addWindowProduct(
        emitter, dense.getResult(), loops, schedule,
        {[&](Exprs position, Exprs tap) { return valueOf(emitter, windows, position, tap); },
         weightAt});
  else
    sum = addProduct(emitter, dense.getResult(), loops, schedule,
                     {[&](const Expr &row, const Expr &k) { return emitter.at(x, {k, row}); },
                      /*alongTerms=*/true},
                     {weightAt, /*alongTerms=*/false});
  emitter.define(dense.getResult(),
                 [&](Exprs i) { return bias ? sum(i) + emitter.at(bias, i[0]) : sum(i); });
}

// The weights lie along the units, over which the sum runs. With many rows a copy that lies along
// the features pays; with few, each sum is taken in the lanes of a vector that are added up last.
// What is beyond the last feature repeats it: it is computed with and dropped, and must not be a
// denormal.
void emitDenseInputGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<DenseInputGradOp>(op);
  const Value dy = grad.getDy(), weight = grad.getWeight();
  emitter.keepInMemory(dy);
  emitter.keepInMemory(weight);
  const int64_t features = extent(weight, 0);
  const LoopFacts loops = loopsOf(grad, emitter.target);
  const Schedule schedule = emitter.scheduleOf(loops);
  const auto weightAt = [&](const Expr &feature, const Expr &unit) {
    return emitter.at(weight, {unit, min(feature, static_cast<int>(features) - 1)});
  };
  Func packed;
  const Var feature = indexVar(0), unit = indexVar(1);
  const bool inPlace = schedule.laneColumns || emitter.style.operandTiles;
  if (!inPlace)
    packed(feature, unit) = weightAt(feature, unit);
  const SumAt sum =
      addProduct(emitter, grad.getResult(), loops, schedule,
                 {[&](const Expr &row, const Expr &k) { return emitter.at(dy, {k, row}); },
                  /*alongTerms=*/true},
                 {[&](const Expr &feature, const Expr &k) {
                    return inPlace ? weightAt(feature, k) : Expr(packed(feature, k));
                  },
                  /*alongTerms=*/true});
  emitter.reductions.back().packed = packed;
  emitter.define(grad.getResult(), [&](Exprs i) { return sum(i); });
}

void emitDenseWeightGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<DenseWeightGradOp>(op);
  const Value x = grad.getX(), dy = grad.getDy();
  PatchesOp windows = windowsBehind(x);
  if (!windows)
    emitter.keepInMemory(x);
  emitter.keepInMemory(dy);
  const LoopFacts loops = loopsOf(grad, emitter.target);
  const Schedule schedule = emitter.scheduleOf(loops);
  const auto gradientAt = [&](const Expr &unit, const Expr &b) {
    return emitter.at(dy, {unit, b});
  };
  SumAt sum;
  if (!loops.rowDimensions.empty())
    sum = addWindowProduct(
        emitter, grad.getResult(), loops, schedule,
        {[&](Exprs tap, Exprs position) { return valueOf(emitter, windows, position, tap); },
         gradientAt});
  else
    sum =
        addProduct(emitter, grad.getResult(), loops, schedule,
                   {[&](const Expr &feature, const Expr &b) { return emitter.at(x, {feature, b}); },
                    /*alongTerms=*/false},
                   {gradientAt, /*alongTerms=*/false});
  emitter.define(grad.getResult(), [&](Exprs i) { return sum(i); });
}

} // namespace weir::kernels
