//===- QuantizePlan.cpp - see QuantizePlan.h --------------------------------------------------===//

#include "passes/QuantizePlan.h"
#include "passes/Observe.h"

#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace weir {
namespace {

constexpr StringLiteral rangeName = "weir.range";

/// Ops whose result consists of their operand's values (and padding).
bool movesValues(Operation *op) {
  return isa<ViewOp, FlattenOp, ReshapeOp, SliceOp, TransposeOp, PadOp, MaxPool2dOp>(op);
}

/// The attribute `name` of what makes `value`: an op, or an argument of the function.
Attribute attributeOf(Value value, StringRef name) {
  if (Operation *op = value.getDefiningOp())
    return op->getAttr(name);
  auto argument = cast<BlockArgument>(value);
  auto function = cast<func::FuncOp>(argument.getOwner()->getParentOp());
  return function.getArgAttr(argument.getArgNumber(), name);
}

bool isReal(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}

/// Products that no bound on the sums keeps from integers (C8 of dense).
bool fitsSums(Operation *op) {
  auto weight = cast<RankedTensorType>(op->getOperand(1).getType());
  const int64_t terms = weight.getNumElements() / weight.getShape().back();
  return terms <= std::numeric_limits<int32_t>::max() / (255 * 127) - 1;
}

} // namespace

std::optional<RealRange> rangeOf(Value value) {
  if (auto range = dyn_cast_or_null<DenseF64ArrayAttr>(attributeOf(value, rangeName));
      range && range.size() == 2)
    return RealRange{range[0], range[1]};
  Operation *op = value.getDefiningOp();
  if (!op || !movesValues(op))
    return std::nullopt;
  std::optional<RealRange> range = rangeOf(op->getOperand(0));
  if (auto pad = dyn_cast<PadOp>(op); pad && range) {
    range->low = std::min(range->low, pad.getValue().convertToDouble());
    range->high = std::max(range->high, pad.getValue().convertToDouble());
  }
  return range;
}

bool isProduct(Operation *op) { return isa<Conv2dOp, DepthwiseConv2dOp, DenseOp>(op); }

std::optional<RealRange> cutOff(Operation *op) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return llvm::TypeSwitch<Operation *, std::optional<RealRange>>(op)
      .Case([](ReluOp) { return RealRange{0, infinity}; })
      .Case([](Relu6Op) { return RealRange{0, 6}; })
      .Case([](ClampOp clamp) {
        const double limit = clamp.getLimit().convertToDouble();
        return RealRange{-limit, limit};
      })
      .Default(std::nullopt);
}

FailureOr<QuantizePlan> QuantizePlan::make(func::FuncOp function,
                                           const llvm::StringSet<> &keepFloat) {
  QuantizePlan plan(function);
  if (failed(plan.chooseProducts(keepFloat)))
    return failure();
  plan.findCapable();
  plan.findDemand();
  if (failed(plan.chooseNumbers()))
    return failure();
  return plan;
}

/// What the float net for inference does without: dropout, and batch_norm behind a product.
static bool willDisappear(Operation *op) {
  if (isa<DropoutOp>(op))
    return true;
  Operation *maker = isa<BatchNormOp>(op) ? op->getOperand(0).getDefiningOp() : nullptr;
  return maker && isProduct(maker) && op->getOperand(0).hasOneUse();
}

SmallVector<Value> QuantizePlan::eightBitValues(func::FuncOp function) {
  QuantizePlan plan(function);
  plan.assumeRanges = true;
  (void)plan.chooseProducts({}); // wants no range
  plan.findCapable();
  plan.findDemand();
  llvm::SetVector<Value> values;
  auto collect = [&](Value value) {
    if (!plan.wants8(value))
      return;
    while (Operation *op = value.getDefiningOp()) { // back to whose numbers they are
      if (!isa<DropoutOp>(op) && !(plan.isInteger(op) && movesValues(op)))
        break;
      value = op->getOperand(0);
    }
    Operation *only = value.hasOneUse() ? *value.getUsers().begin() : nullptr;
    const bool follows = only && plan.isInteger(only) && (cutOff(only) || isa<ConcatOp>(only));
    const bool passedOn = follows || (only && isa<BatchNormOp>(only) && willDisappear(only));
    if (!passedOn && isReal(value))
      values.insert(value);
  };
  for (BlockArgument argument : function.getArguments())
    collect(argument);
  for (Operation &op : function.getBody().front())
    for (Value result : op.getResults())
      collect(result);
  return values.takeVector();
}

LogicalResult QuantizePlan::chooseProducts(const llvm::StringSet<> &keepFloat) {
  for (Operation &op : function.getBody().front()) {
    if (!isProduct(&op) || !isReal(op.getResult(0)) || !fitsSums(&op) ||
        keepFloat.contains(layerPath(op.getLoc())))
      continue;
    if (!assumeRanges && !rangeOf(op.getOperand(0)))
      return op.emitError("'quantize' expects a calibrated range of what '")
             << op.getName().stripDialect() << "' reads, but there is none";
    integer.insert(&op);
  }
  return success();
}

/// Forward: an op's result can have 8 bits where its operands can and its range is known.
void QuantizePlan::findCapable() {
  for (BlockArgument argument : function.getArguments())
    if (isReal(argument) && (assumeRanges || rangeOf(argument)))
      capable.insert(argument);
  for (Operation &op : function.getBody().front()) {
    if (op.getNumResults() == 0 || isa<ReadOp>(op) || !(assumeRanges || rangeOf(op.getResult(0))))
      continue;
    if (assumeRanges && willDisappear(&op)) {
      if (capable.contains(op.getOperand(0)))
        capable.insert(op.getResult(0));
      continue;
    }
    const bool follows =
        movesValues(&op) || cutOff(&op) || isa<ConcatOp, AddOp, AvgPool2dOp, GlobalAvgPool2dOp>(op);
    const bool can = isProduct(&op) ? isInteger(&op)
                                    : follows && llvm::all_of(op.getOperands(), [&](Value operand) {
                                        return capable.contains(operand);
                                      });
    if (can)
      capable.insert(op.getResult(0));
  }
}

/// Backward: products want 8 bits of what they read, and so do capable ops whose own result is
/// wanted in 8 bits; all others want real numbers.
void QuantizePlan::findDemand() {
  for (Operation &op : llvm::reverse(function.getBody().front())) {
    const bool follows = op.getNumResults() > 0 && !isProduct(&op) &&
                         capable.contains(op.getResult(0)) && wants8(op.getResult(0));
    if (follows)
      integer.insert(&op);
    if (isProduct(&op) && isInteger(&op)) {
      demanded.insert(op.getOperand(0));
      continue;
    }
    if (assumeRanges && op.getNumResults() > 0 && willDisappear(&op) && wants8(op.getResult(0))) {
      demanded.insert(op.getOperand(0));
      continue;
    }
    for (Value operand : op.getOperands()) {
      if (follows)
        demanded.insert(operand);
      // An activation of a product's real sums stays beside that of the integers.
      const bool both = follows && isFolded(&op) && isProduct(operand.getDefiningOp()) &&
                        wantsFloat(op.getResult(0));
      if (!follows || both)
        demandedFloat.insert(operand);
    }
  }
}

bool QuantizePlan::isFolded(Operation *activation) const {
  if (!isInteger(activation) || !cutOff(activation))
    return false;
  Value x = activation->getOperand(0);
  Operation *maker = x.getDefiningOp();
  return x.hasOneUse() && maker && isInteger(maker) && (isProduct(maker) || isa<AddOp>(maker));
}

/// True where the reader's result has the numbers of what it reads. A value that others read as
/// well keeps its own before a concat, which then reads it requantized.
bool QuantizePlan::passesOn(OpOperand &operand) const {
  Operation *reader = operand.getOwner();
  if (!isInteger(reader))
    return false;
  return movesValues(reader) || (isa<ConcatOp>(reader) && operand.get().hasOneUse());
}

LogicalResult QuantizePlan::chooseNumbers() {
  llvm::EquivalenceClasses<void *> shared;
  for (Value value : demanded) {
    shared.insert(value.getAsOpaquePointer());
    for (OpOperand &use : value.getUses())
      if (passesOn(use))
        shared.unionSets(value.getAsOpaquePointer(),
                         use.getOwner()->getResult(0).getAsOpaquePointer());
  }
  llvm::DenseMap<void *, RealRange> ranges; // by the leader of what shares them
  for (Value value : demanded) {
    const std::optional<RealRange> range = rangeOf(value);
    if (!range || !std::isfinite(range->low) || !std::isfinite(range->high) ||
        range->low > range->high)
      return emitError(value.getLoc())
             << "'quantize' expects a calibrated range of finite numbers, but got "
             << (range ? attributeOf(value, rangeName) : Attribute());
    auto [known, isNew] =
        ranges.try_emplace(shared.getLeaderValue(value.getAsOpaquePointer()), *range);
    known->second.low = std::min(known->second.low, range->low);
    known->second.high = std::max(known->second.high, range->high);
  }
  for (Value value : demanded) {
    const RealRange range = ranges.at(shared.getLeaderValue(value.getAsOpaquePointer()));
    numbers[value] = affineU8(range.low, range.high);
  }
  return success();
}

} // namespace weir
