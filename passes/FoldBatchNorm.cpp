//===- FoldBatchNorm.cpp - batch_norm into the weights before it -----------------------------===//
//
// Comes first: it knows layers as the user wrote them, and the quantizer wants to see none of
// batch_norm. Only where the variables carry their values (`weir compile --weights`): with y =
// x * factor + shift for each channel, the weights before are multiplied by the factor and the bias
// becomes bias * factor + shift, in double precision, rounded once.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Values.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/UnusedVariables.h"

#include <cmath>

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_FOLDBATCHNORM
#include "passes/Passes.h.inc"

namespace {

using Numbers = std::vector<double>;

class Folding {
public:
  explicit Folding(ModuleOp module) : module(module), symbols(module) {}

  void run() {
    for (auto function : module.getOps<func::FuncOp>())
      for (auto norm : llvm::make_early_inc_range(function.getOps<BatchNormOp>()))
        if (std::string reason = fold(norm); !reason.empty() && told.insert(norm.getLoc()).second)
          tellMissed(norm, remarks::fold, "'batch_norm' is not folded: " + reason);
  }

private:
  /// Folds it, or says why not.
  std::string fold(BatchNormOp norm) {
    if (norm.getTraining())
      return "it computes the batch's statistics";
    Operation *layer = norm.getX().getDefiningOp();
    if (!isa_and_present<Conv2dOp, DepthwiseConv2dOp, DenseOp>(layer))
      return "expects conv2d, depthwise_conv2d or dense before it, but got " +
             (layer ? "'" + layer->getName().stripDialect().str() + "'" : "the function's input");
    if (!norm.getX().hasOneUse())
      return "other layers read what '" + layer->getName().stripDialect().str() +
             "' before it computes";
    SmallVector<VariableOp> sources; // weight, [bias,] scale, offset, mean, variance
    SmallVector<Value> values(layer->getOperands().drop_front());
    llvm::append_range(values, norm->getOperands().drop_front());
    for (Value value : values) {
      auto read = value.getDefiningOp<ReadOp>();
      sources.push_back(read ? symbols.lookup<VariableOp>(read.getVariable()) : VariableOp());
      if (!sources.back() || !sources.back().getValue() ||
          !hasReadableValues(*sources.back().getValue()))
        return "its parameters or those of the layer before it are no known values";
    }
    tellDone(norm, remarks::fold, "'batch_norm' is folded into the weights of " + nameIn(layer));
    replace(norm, layer, foldedVariables(norm, sources));
    return "";
  }

  using WeightAndBias = std::pair<VariableOp, VariableOp>;

  /// The same for every function that reads the same variables.
  WeightAndBias foldedVariables(BatchNormOp norm, ArrayRef<VariableOp> sources) {
    std::string key;
    for (VariableOp source : sources)
      key += source.getSymName().str() + "\n";
    WeightAndBias &folded = known[key + std::to_string(norm.getEpsilon().convertToDouble())];
    if (!folded.first)
      folded = makeVariables(norm, sources);
    return folded;
  }

  WeightAndBias makeVariables(BatchNormOp norm, ArrayRef<VariableOp> sources) {
    const auto numbers = [&](VariableOp variable) { return numbersOf(*variable.getValue()); };
    const ArrayRef<VariableOp> ofNorm = sources.take_back(4);
    const Numbers scale = numbers(ofNorm[0]), offset = numbers(ofNorm[1]),
                  mean = numbers(ofNorm[2]), variance = numbers(ofNorm[3]);
    const size_t channels = scale.size();
    Numbers weight = numbers(sources[0]);
    Numbers bias = sources.size() == 6 ? numbers(sources[1]) : Numbers(channels);
    Numbers factor(channels);
    for (size_t c = 0; c < channels; ++c) {
      factor[c] = scale[c] / std::sqrt(variance[c] + norm.getEpsilon().convertToDouble());
      bias[c] = (bias[c] - mean[c]) * factor[c] + offset[c];
    }
    for (size_t row = 0; row < weight.size(); row += channels) // the last dimension
      for (size_t c = 0; c < channels; ++c)
        weight[row + c] *= factor[c];
    VariableOp layer = sources[0], offsets = ofNorm[1];
    const std::string name = layer.getSymName().str();
    return {makeVariable(layer, name, layer.getTensorType(), weight),
            makeVariable(layer, StringRef(name).rsplit('.').first.str() + ".bias",
                         offsets.getTensorType(), bias)};
  }

  VariableOp makeVariable(VariableOp like, StringRef name, RankedTensorType type,
                          const Numbers &values) {
    OpBuilder builder(like);
    std::string unique = name.str() + "_folded";
    for (int turn = 2; symbols.lookup(unique); ++turn)
      unique = name.str() + "_folded" + std::to_string(turn);
    auto variable =
        VariableOp::create(builder, like.getLoc(), unique, type, like.getKind(), like.getInit());
    variable.setValueAttr(valueOfNumbers(type, values, unique));
    symbols.insert(variable);
    return variable;
  }

  void replace(BatchNormOp norm, Operation *layer, WeightAndBias variables) {
    OpBuilder builder(layer);
    OperationState state(layer->getLoc(), layer->getName());
    state.addOperands(layer->getOperand(0));
    for (VariableOp variable : {variables.first, variables.second})
      state.addOperands(
          ReadOp::create(builder, layer->getLoc(), variable.getType(), variable.getSymName())
              .getResult());
    state.addAttributes(layer->getAttrs());
    state.addTypes(layer->getResultTypes());
    Operation *folded = builder.create(state);
    folded->setAttr("use_bias", builder.getBoolAttr(true));
    norm.getResult().replaceAllUsesWith(folded->getResult(0));
    norm.erase();
    layer->erase();
  }

  ModuleOp module;
  SymbolTable symbols;
  std::map<std::string, WeightAndBias> known;
  llvm::DenseSet<Location> told;
};

struct FoldBatchNorm : impl::FoldBatchNormBase<FoldBatchNorm> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    const bool hasValues = llvm::any_of(module.getOps<VariableOp>(),
                                        [](VariableOp variable) { return variable.getValue(); });
    if (!hasValues || !hasFixedVariables(module))
      return;
    Folding(module).run();
    eraseUnusedVariables(module);
  }
};

} // namespace
} // namespace weir
