//===- TakeRanges.cpp - ranges that training has learned, as calibration would leave them ----===//
//
// Comes after fake-quantize, in a module whose weights are known, and stands in for calibration:
// what `quantize` makes of the net has the ranges with which it was trained.
//
//===-----------------------------------------------------------------------------------------------===//

#include "ir/Values.h"
#include "passes/Passes.h"
#include "passes/QuantizePlan.h"
#include "passes/QuantizeWeights.h"
#include "passes/UnusedVariables.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_TAKERANGES
#include "passes/Passes.h.inc"

namespace {

/// Leaves `range` beside `value`, where there is none yet.
void setRange(Value value, Attribute range) {
  if (rangeOf(value))
    return;
  if (Operation *op = value.getDefiningOp()) {
    op->setAttr("weir.range", range);
    return;
  }
  auto argument = cast<BlockArgument>(value);
  cast<func::FuncOp>(argument.getOwner()->getParentOp())
      .setArgAttr(argument.getArgNumber(), "weir.range", range);
}

/// What an activation cuts off, and what a concat joins, has no rounding of its own: it shares the
/// result's.
void shareRange(Value value, Attribute range) {
  setRange(value, range);
  Operation *op = value.getDefiningOp();
  if (op && (cutOff(op) || isa<ConcatOp>(op)))
    for (Value operand : op->getOperands())
      shareRange(operand, range);
}

struct TakeRanges : impl::TakeRangesBase<TakeRanges> {
  void runOnOperation() override {
    const SymbolTable symbols(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (auto rounded : llvm::make_early_inc_range(function.getOps<FakeQuantizeOp>()))
        if (failed(take(rounded, symbols)))
          return signalPassFailure();
    getOperation()->setAttr("weir.learned_ranges", UnitAttr::get(&getContext()));
    eraseUnusedVariables(getOperation());
  }

  static LogicalResult take(FakeQuantizeOp rounded, const SymbolTable &symbols) {
    if (!rounded.getSymmetric()) { // a weight's range is its own
      VariableOp low = knownVariable(rounded.getLow(), symbols),
                 high = knownVariable(rounded.getHigh(), symbols);
      if (!low || !high)
        return rounded.emitError("'take-ranges' expects ranges whose values are known "
                                 "(compile with --weights), but these are not");
      shareRange(rounded.getX(),
                 DenseF64ArrayAttr::get(rounded.getContext(), {numbersOf(*low.getValue())[0],
                                                               numbersOf(*high.getValue())[0]}));
    }
    Operation *range = rounded.getLow().getDefiningOp();
    rounded.replaceAllUsesWith(rounded.getX());
    rounded.erase();
    if (isOpTriviallyDead(range))
      range->erase();
    return success();
  }
};

} // namespace
} // namespace weir
