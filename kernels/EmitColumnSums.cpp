//===- EmitColumnSums.cpp - which sums are taken where a result is stored --------------------===//
//
// ColumnSums.h says how. Sums of squares are taken of differences to the first row's values, which
// have to be known before the first row is: they are computed once more, ahead, by the same ops.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Emit.h"
#include "kernels/MatrixLoops.h"

#include "llvm/ADT/SetVector.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {

bool canSumWhereStored(Value value, const Emitter &emitter) {
  return emitter.style.sumsWhereStored && value.getDefiningOp() && extentsOf(value).size() > 1 &&
         !emitter.storedValues.contains(value) &&
         llvm::any_of(value.getUsers(), [](Operation *user) { return llvm::isa<YieldOp>(user); });
}

/// Adds the ops of the block that `value` is made of; false where one's rows are not computed one
/// by one.
static bool collectMakers(Value value, llvm::SetVector<Operation *> &makers) {
  Operation *op = value.getDefiningOp();
  if (!op || makers.contains(op))
    return true;
  const bool isRow = llvm::isa<DenseOp, PatchesOp, ViewOp, FillOp>(op) || op->hasTrait<Pointwise>();
  if (!isRow || !llvm::all_of(op->getOperands(),
                              [&](Value operand) { return collectMakers(operand, makers); }))
    return false;
  makers.insert(op);
  return true;
}

Func firstRow(Value value, Emitter &emitter) {
  llvm::SetVector<Operation *> makers;
  if (!collectMakers(value, makers))
    return {};
  Schedule plain = choosePlainSchedule(emitter.target);
  for (const Reduction &product : emitter.reductions)
    if (product.isMatrix()) // rows are counted by their tiles
      plain.tileRows = product.schedule.tileRows;
  Emitter once(emitter.target, &plain);
  once.shareInputs(emitter);
  for (Operation *op : makers)
    emitOp(op, once);
  Func first;
  std::vector<Expr> index(extentsOf(value).size(), 0);
  index[0] = indexVar(0);
  first(indexVar(0)) = once.at(value, index);
  llvm::append_range(emitter.alone, once.reductions);
  for (const Helper &helper : once.stored)
    emitter.store(helper.func);
  emitter.store(first);
  return first;
}

} // namespace weir::kernels
