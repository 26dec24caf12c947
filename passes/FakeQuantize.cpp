//===- FakeQuantize.cpp - train with the errors that 8 bits will have ------------------------===//
//
// Comes first, before simplify and differentiate: training and inference still have the same layers
// then, so that the ranges which training learns are the variables that inference reads. Weights
// and the values that `quantize` would make 8 bits (QuantizePlan) are rounded as it would round
// them.
//
// A batch_norm stays behind its product: with a scale for each output of the weight, folding it
// only multiplies those scales, and the integers remain what they were in training.
//
//===-----------------------------------------------------------------------------------------------===//

#include "passes/Observe.h"
#include "passes/Passes.h"
#include "passes/QuantizePlan.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_FAKEQUANTIZE
#include "passes/Passes.h.inc"

namespace {

/// Of the running averages of ranges; as batch_norm's.
constexpr double rangeMomentum = 0.1;

bool trains(func::FuncOp function) { return !function.getOps<MinimizeOp>().empty(); }

class FakeQuantization {
public:
  FakeQuantization(func::FuncOp function, SymbolTable &symbols)
      : function(function), symbols(symbols), builder(function.getContext()) {}

  void run() {
    const SmallVector<Value> values = QuantizePlan::eightBitValues(function);
    for (Operation &op : llvm::make_early_inc_range(function.getBody().front()))
      if (isProduct(&op))
        roundWeight(op.getOpOperand(1));
    for (Value value : values)
      roundValue(value);
  }

private:
  void roundWeight(OpOperand &weight) {
    Operation *product = weight.getOwner();
    builder.setInsertionPoint(product);
    auto range =
        ValueRangeOp::create(builder, product->getLoc(), weight.get(), builder.getBoolAttr(true));
    weight.set(FakeQuantizeOp::create(builder, product->getLoc(), weight.get().getType(),
                                      weight.get(), range.getLow(), range.getHigh(),
                                      builder.getBoolAttr(true)));
  }

  void roundValue(Value value) {
    builder.setInsertionPointAfterValue(value);
    const Location location = value.getLoc();
    Value low = bound(value, "range_low"), high = bound(value, "range_high");
    Operation *range = nullptr;
    if (trains(function)) {
      auto batch = ValueRangeOp::create(builder, location, value, builder.getBoolAttr(false));
      average(low, batch.getLow());
      average(high, batch.getHigh());
      low = batch.getLow();
      high = batch.getHigh();
      range = batch;
    }
    auto rounded = FakeQuantizeOp::create(builder, location, value.getType(), value, low, high,
                                          builder.getBoolAttr(false));
    value.replaceUsesWithIf(rounded, [&](OpOperand &use) {
      return use.getOwner() != rounded && use.getOwner() != range &&
             !isa<func::ReturnOp>(use.getOwner());
    });
  }

  /// The running average of a value's `which`, a variable named after its layer.
  Value bound(Value value, StringRef which) {
    const std::string path = isa<BlockArgument>(value) ? "image" : layerPath(value.getLoc());
    const std::string name = path + "." + which.str();
    auto variable = symbols.lookup<VariableOp>(name);
    if (!variable) {
      OpBuilder::InsertionGuard guard(builder);
      auto module = function->getParentOfType<ModuleOp>();
      builder.setInsertionPoint(*module.getOps<func::FuncOp>().begin());
      auto scalar = RankedTensorType::get({}, builder.getF32Type());
      variable = VariableOp::create(
          builder, value.getLoc(), name, scalar, "statistic",
          builder.getDictionaryAttr(builder.getNamedAttr("kind", builder.getStringAttr("zeros"))));
      symbols.insert(variable);
    }
    return ReadOp::create(builder, value.getLoc(), variable.getType(), name);
  }

  void average(Value running, Value batch) {
    auto read = running.getDefiningOp<ReadOp>();
    auto next = RunningAverageOp::create(builder, read.getLoc(), batch.getType(), running, batch,
                                         builder.getF64FloatAttr(rangeMomentum),
                                         builder.getF64FloatAttr(1));
    AssignOp::create(builder, read.getLoc(), read.getVariable(), next);
  }

  func::FuncOp function;
  SymbolTable &symbols;
  OpBuilder builder;
};

struct FakeQuantize : impl::FakeQuantizeBase<FakeQuantize> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>())
      FakeQuantization(function, symbols).run();
  }
};

} // namespace
} // namespace weir
