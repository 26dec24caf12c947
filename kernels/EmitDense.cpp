//===- EmitDense.cpp - dense and its two gradients: the three matrix products ----------------===//
//
// Each is rows x columns sums over a depth, with the columns contiguous in memory, so that one
// register tile serves all three: dense runs along the units, the weight's gradient too, and the
// input's gradient along the features of a transposed copy of the weights.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Emit.h"
#include "kernels/MatrixLoops.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

int64_t extent(Value value, unsigned dimension) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getDimSize(dimension);
}

/// Adds the reduction `sum over k of term(column, row, k)` for `value` and returns the sum at an
/// index. With blocks in the schedule it is a sum of sums, which are also more accurate: their
/// errors do not add up over the whole depth.
Func addMatrixProduct(Emitter &emitter, Value value, int64_t depth, const Schedule &schedule,
                      llvm::function_ref<Expr(Expr, Expr, Expr)> term) {
  const Var column = indexVar(0), row = indexVar(1);
  Reduction reduction;
  reduction.value = value;
  reduction.schedule = schedule;
  reduction.depth = depth;
  if (const int block = schedule.depthBlock) {
    const Var part = indexVar(2);
    reduction.domain = RDom(0, block);
    reduction.partial(column, row, part) = 0.0f;
    reduction.partial(column, row, part) += term(column, row, part * block + reduction.domain);
    reduction.blockDomain = RDom(0, static_cast<int>(depth / block));
    reduction.blocks(column, row) = 0.0f;
    reduction.blocks(column, row) += reduction.partial(column, row, reduction.blockDomain);
  } else {
    reduction.domain = RDom(0, static_cast<int>(depth));
    reduction.partial(column, row) = 0.0f;
    reduction.partial(column, row) += term(column, row, reduction.domain);
  }
  emitter.reductions.push_back(reduction);
  return schedule.depthBlock ? reduction.blocks : reduction.partial;
}

} // namespace

void emitDense(Operation *op, Emitter &emitter) {
  auto dense = llvm::cast<DenseOp>(op);
  const Value x = dense.getX(), weight = dense.getWeight(), bias = dense.getBias();
  emitter.keepInMemory(x);
  emitter.keepInMemory(weight);
  const int64_t depth = extent(weight, 0);
  const Schedule schedule = emitter.scheduleOf(loopsOf(dense, emitter.target));
  Func sum = addMatrixProduct(emitter, dense.getResult(), depth, schedule,
                              [&](Expr unit, Expr row, Expr k) {
                                return emitter.at(x, {k, row}) * emitter.at(weight, {unit, k});
                              });
  emitter.define(dense.getResult(), [&](Exprs i) {
    return bias ? sum(i[0], i[1]) + emitter.at(bias, i[0]) : Expr(sum(i[0], i[1]));
  });
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
  const int64_t features = extent(weight, 0), units = extent(weight, 1);
  const Schedule schedule = emitter.scheduleOf(loopsOf(grad, emitter.target));
  const auto weightAt = [&](const Expr &feature, const Expr &unit) {
    return emitter.at(weight, {unit, min(feature, static_cast<int>(features) - 1)});
  };
  Func packed;
  const Var feature = indexVar(0), unit = indexVar(1);
  if (!schedule.laneColumns)
    packed(feature, unit) = weightAt(feature, unit);
  Func sum = addMatrixProduct(
      emitter, grad.getResult(), units, schedule, [&](Expr feature, Expr row, Expr k) {
        return emitter.at(dy, {k, row}) *
               (schedule.laneColumns ? weightAt(feature, k) : Expr(packed(feature, k)));
      });
  emitter.reductions.back().packed = packed;
  emitter.define(grad.getResult(), [&](Exprs i) { return sum(i[0], i[1]); });
}

void emitDenseWeightGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<DenseWeightGradOp>(op);
  const Value x = grad.getX(), dy = grad.getDy();
  emitter.keepInMemory(x);
  emitter.keepInMemory(dy);
  const int64_t batch = extent(x, 0);
  const Schedule schedule = emitter.scheduleOf(loopsOf(grad, emitter.target));
  Func sum = addMatrixProduct(emitter, grad.getResult(), batch, schedule,
                              [&](Expr unit, Expr feature, Expr b) {
                                return emitter.at(x, {feature, b}) * emitter.at(dy, {unit, b});
                              });
  emitter.define(grad.getResult(), [&](Exprs i) { return sum(i[0], i[1]); });
}

} // namespace weir::kernels
