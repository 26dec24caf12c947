//===- Quantize.cpp - a calibrated inference function in integers ----------------------------===//
//
// Comes after fold-batch-norm and calibration, which leaves the range of each value beside it, and
// before lower-convolutions and form-groups, for which a quantized function is one like any other.
// QuantizePlan decides, QuantizeWeights makes the integers; here the function is rewritten.
//
//===-----------------------------------------------------------------------------------------------===//

#include "passes/Observe.h"
#include "passes/Passes.h"
#include "passes/QuantizePlan.h"
#include "passes/QuantizeWeights.h"
#include "passes/UnusedVariables.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <cmath>

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_QUANTIZE
#include "passes/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Rewrites one function by its plan. The float ops stay until the end, so that the plan's values
/// keep their meaning.
class Rewriting {
public:
  Rewriting(func::FuncOp function, const QuantizePlan &plan, IntegerVariables &variables)
      : function(function), plan(plan), variables(variables), builder(function.getContext()) {}

  LogicalResult run() {
    Block &block = function.getBody().front();
    auto original = llvm::map_to_vector(block, [](Operation &op) { return &op; });
    for (Operation *op : original)
      if (plan.isInteger(op) && failed(rewrite(op)))
        return failure();
    for (auto [before, after] : realValues)
      before.replaceAllUsesWith(after);
    for (Operation *op : llvm::reverse(original))
      if (isOpTriviallyDead(op))
        op->erase();
    return success();
  }

private:
  LogicalResult rewrite(Operation *op) {
    builder.setInsertionPoint(op);
    if (isProduct(op))
      return rewriteProduct(op);
    if (cutOff(op))
      rewriteActivation(op);
    else if (isa<AddOp>(op))
      rewriteAdd(op);
    else
      rewriteFollower(op);
    return success();
  }

  /// Sums, and what is made of them: 8 bits, real numbers, or both.
  LogicalResult rewriteProduct(Operation *op) {
    Value x = eightBits(op->getOperand(0)), value = op->getResult(0);
    builder.setInsertionPoint(op);
    FailureOr<std::pair<VariableOp, VariableOp>> known = variables.of(op, typeOf(x));
    if (failed(known))
      return failure();
    SmallVector<Value> operands{x};
    for (VariableOp variable : {known->first, known->second})
      if (variable)
        operands.push_back(
            ReadOp::create(builder, op->getLoc(), variable.getType(), variable.getSymName()));
    Type type = quantizedSumType(typeOf(value).getShape(), typeOf(x), typeOf(operands[1]));
    Value sum = rebuild(op, operands, type)->getResult(0);
    sums[value] = sum;
    if (plan.wants8(value) && !foldedActivation(value))
      integers[value] = RequantizeOp::create(builder, op->getLoc(), eightBitType(value), sum);
    if (plan.wantsFloat(value))
      realValues.emplace_back(value, DequantizeOp::create(builder, op->getLoc(), sum));
    return success();
  }

  /// The clamping of what the sums become; of other values, a clamping of its own.
  void rewriteActivation(Operation *op) {
    Value x = op->getOperand(0), value = op->getResult(0);
    const bool folded = plan.isFolded(op);
    if (folded && sums.contains(x)) {
      integers[value] =
          RequantizeOp::create(builder, op->getLoc(), eightBitType(value, cutOff(op)), sums[x]);
      return; // the real numbers are those of the op as it is
    }
    if (!folded)
      integers[value] = RequantizeOp::create(builder, op->getLoc(), eightBitType(value, cutOff(op)),
                                             eightBits(x));
    keepReal(op);
  }

  void rewriteAdd(Operation *op) {
    Operation *activation = foldedActivation(op->getResult(0));
    Operation *last = activation ? activation : op;
    Value value = last->getResult(0);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(eightBits(operand));
    builder.setInsertionPoint(op);
    Type type = eightBitType(value, activation ? cutOff(activation) : std::nullopt);
    integers[value] = AddOp::create(builder, last->getLoc(), type, operands[0], operands[1]);
    if (!activation)
      keepReal(op);
  }

  /// Pools, concat and what moves values.
  void rewriteFollower(Operation *op) {
    Value value = op->getResult(0);
    const AffineU8 numbers = plan.numbersOf(value);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(eightBits(operand));
    builder.setInsertionPoint(op);
    if (isa<ConcatOp>(op)) {
      for (Value &operand : operands) {
        const Quantization own = *quantizationOf(operand.getType());
        if (own.scales[0] != numbers.scale || own.zeroPoint != numbers.zeroPoint)
          operand =
              RequantizeOp::create(builder, op->getLoc(),
                                   quantizedValueType(op->getContext(), typeOf(operand).getShape(),
                                                      numbers.scale, numbers.zeroPoint),
                                   operand);
      }
      integers[value] =
          ConcatOp::create(builder, op->getLoc(), operands, cast<ConcatOp>(op).getAxisAttr());
    } else {
      const bool average = isa<AvgPool2dOp, GlobalAvgPool2dOp>(op);
      Type type = average ? eightBitType(value)
                          : RankedTensorType::get(typeOf(value).getShape(),
                                                  typeOf(operands[0]).getElementType());
      integers[value] = rebuild(op, operands, type)->getResult(0);
    }
    keepReal(op);
  }

  /// The same op on other operands, with a first result of `type`.
  Operation *rebuild(Operation *op, ArrayRef<Value> operands, Type type) {
    OperationState state(op->getLoc(), op->getName());
    state.addOperands(operands);
    for (NamedAttribute attribute : op->getAttrs())
      if (!attribute.getName().strref().starts_with("weir."))
        state.addAttribute(attribute.getName(), attribute.getValue());
    state.addTypes(type);
    for (Type other : llvm::drop_begin(op->getResultTypes()))
      state.addTypes(other);
    return builder.create(state);
  }

  /// The value in 8 bits; made of the real numbers where nothing else makes it.
  Value eightBits(Value value) {
    Value &known = integers[value];
    if (!known) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointAfterValue(value);
      known = QuantizeOp::create(builder, value.getLoc(), eightBitType(value), value);
    }
    return known;
  }

  /// Who wants real numbers of an integer op's result gets those that the integers stand for.
  void keepReal(Operation *op) {
    Value value = op->getResult(0);
    if (plan.wantsFloat(value))
      realValues.emplace_back(value, DequantizeOp::create(builder, op->getLoc(), integers[value]));
  }

  Operation *foldedActivation(Value value) {
    if (!value.hasOneUse())
      return nullptr;
    Operation *user = *value.getUsers().begin();
    return plan.isFolded(user) ? user : nullptr;
  }

  /// The value's 8-bit type; its bounds are those of an activation.
  RankedTensorType eightBitType(Value value, std::optional<RealRange> cut = std::nullopt) {
    const AffineU8 numbers = plan.numbersOf(value);
    auto stored = [&](double real) {
      const double steps = std::nearbyint(real / numbers.scale);
      return static_cast<int64_t>(
          std::clamp<double>(steps + static_cast<double>(numbers.zeroPoint), 0, 255));
    };
    return quantizedValueType(value.getContext(), typeOf(value).getShape(), numbers.scale,
                              numbers.zeroPoint, cut ? stored(cut->low) : 0,
                              cut ? stored(cut->high) : 255);
  }

  func::FuncOp function;
  const QuantizePlan &plan;
  IntegerVariables &variables;
  OpBuilder builder;
  llvm::DenseMap<Value, Value> integers, sums; ///< by the float value
  SmallVector<std::pair<Value, Value>> realValues;
};

/// What calibration left beside values has done its work.
void eraseCalibration(func::FuncOp function) {
  for (StringRef name : {"weir.range", "weir.channel_means"}) {
    for (unsigned argument = 0; argument < function.getNumArguments(); ++argument)
      function.removeArgAttr(argument, StringAttr::get(function.getContext(), name));
    function.walk([&](Operation *op) { op->removeAttr(name); });
  }
}

struct Quantize : impl::QuantizeBase<Quantize> {
  using QuantizeBase::QuantizeBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::StringSet<> keep;
    for (const std::string &path : keepFloat)
      keep.insert(path);
    if (failed(checkPaths()))
      return signalPassFailure();
    IntegerVariables variables(module, perTensor);
    for (auto function : module.getOps<func::FuncOp>()) {
      FailureOr<QuantizePlan> plan = QuantizePlan::make(function, keep);
      if (failed(plan) || failed(Rewriting(function, *plan, variables).run()))
        return signalPassFailure();
      eraseCalibration(function);
    }
    eraseUnusedVariables(module);
  }

  /// Each layer that is to stay in float is a product of the net.
  LogicalResult checkPaths() {
    llvm::StringSet<> products;
    getOperation().walk([&](Operation *op) {
      if (isProduct(op))
        products.insert(layerPath(op->getLoc()));
    });
    for (const std::string &path : keepFloat)
      if (!products.contains(path))
        return getOperation().emitError("'quantize' expects layers with weights in 'keep-float', "
                                        "but there is none called '")
               << path << "'";
    return success();
  }
};

} // namespace
} // namespace weir
