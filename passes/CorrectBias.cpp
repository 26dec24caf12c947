//===- CorrectBias.cpp - what rounding the weights adds on average, taken off the biases -----===//
//
// Comes after calibration, which leaves the mean of each channel beside a value, and before
// `quantize`, with the same options. Bias correction of Nagel et al. 2019, section 4.2: the error
// of a sum is (rounded weight - weight) * x, and its mean is known where x's is. What padding adds
// at an image's border, where x is 0, is left out, as there.
//
//===------------------------------------------------------------------------------------------------===//

#include "ir/Values.h"
#include "passes/Observe.h"
#include "passes/Passes.h"
#include "passes/QuantizePlan.h"
#include "passes/QuantizeWeights.h"
#include "passes/WeightChannels.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_CORRECTBIAS
#include "passes/Passes.h.inc"

namespace {

/// The means of a value's channels, as calibration has left them; a view's are its source's.
ArrayRef<double> channelMeans(Value value) {
  Attribute means;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto function = cast<func::FuncOp>(argument.getOwner()->getParentOp());
    means = function.getArgAttr(argument.getArgNumber(), "weir.channel_means");
  } else {
    Operation *op = value.getDefiningOp();
    if (isa<ViewOp, FlattenOp, ReshapeOp>(op))
      return channelMeans(op->getOperand(0));
    means = op->getAttr("weir.channel_means");
  }
  auto numbers = dyn_cast_or_null<DenseF64ArrayAttr>(means);
  return numbers ? numbers.asArrayRef() : ArrayRef<double>();
}

struct CorrectBias : impl::CorrectBiasBase<CorrectBias> {
  using CorrectBiasBase::CorrectBiasBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Operation &op : llvm::make_early_inc_range(function.getBody().front()))
        if (isProduct(&op) && !llvm::is_contained(keepFloat, layerPath(op.getLoc())))
          correct(&op, symbols);
  }

  /// Nothing happens where weights or means are not known.
  void correct(Operation *op, SymbolTable &symbols) {
    const ArrayRef<double> means = channelMeans(op->getOperand(0));
    VariableOp weight = knownVariable(op->getOperand(1), symbols);
    const auto features = cast<RankedTensorType>(op->getOperand(0).getType()).getShape().back();
    if (!weight || means.empty() || features % static_cast<int64_t>(means.size()) != 0)
      return;
    Value offset = op->getNumOperands() > 2 ? op->getOperand(2) : Value();
    VariableOp bias = knownVariable(offset, symbols);
    if (offset && !bias)
      return;
    // Every function that reads the same variables reads the same correction.
    VariableOp &corrected = done[{weight.getSymName().str(), bias ? bias.getSymName().str() : ""}];
    if (!corrected)
      corrected = makeBias(op, weight, bias, means, symbols);
    OpBuilder builder(op);
    Value read = ReadOp::create(builder, op->getLoc(), corrected.getType(), corrected.getSymName());
    SmallVector<Value> operands(op->getOperands().take_front(2));
    operands.push_back(read);
    OperationState state(op->getLoc(), op->getName(), operands, op->getResultTypes(),
                         op->getAttrs());
    Operation *rebuilt = builder.create(state);
    rebuilt->setAttr("use_bias", builder.getBoolAttr(true));
    op->replaceAllUsesWith(rebuilt);
    op->erase();
    if (offset && offset.use_empty())
      offset.getDefiningOp()->erase();
  }

  VariableOp makeBias(Operation *op, VariableOp weight, VariableOp bias, ArrayRef<double> means,
                      SymbolTable &symbols) {
    const WeightChannels channels(op, static_cast<int64_t>(means.size()));
    const std::vector<double> numbers = numbersOf(*weight.getValue()), none(channels.outputs);
    std::vector<double> corrected = bias ? numbersOf(*bias.getValue()) : none;
    const IntegerWeights rounded = quantizeWeights(numbers, channels.outputs, perTensor, none);
    for (size_t i = 0; i < numbers.size(); ++i) {
      const int64_t output = channels.output(static_cast<int64_t>(i));
      const double error = rounded.integers[i] * rounded.scale(output) - numbers[i];
      corrected[output] -= error * means[channels.input(static_cast<int64_t>(i))];
    }
    OpBuilder builder(weight);
    auto type = RankedTensorType::get(channels.outputs, builder.getF32Type());
    const std::string name =
        (bias ? bias.getSymName() : weight.getSymName()).str() + (bias ? "_corrected" : "_bias");
    auto variable = VariableOp::create(builder, weight.getLoc(), name, type, weight.getKind(),
                                       (bias ? bias : weight).getInit());
    symbols.insert(variable);
    variable.setValueAttr(valueOfNumbers(type, corrected, variable.getSymName()));
    return variable;
  }

  std::map<std::pair<std::string, std::string>, VariableOp> done;
};

} // namespace
} // namespace weir
