//===- EightBits.cpp - see EightBits.h -------------------------------------------------------===//

#include "tools/check/EightBits.h"

#include "ir/Quantization.h"
#include "ir/Values.h"
#include "passes/Observe.h"
#include "passes/Passes.h"
#include "tools/Weights.h"
#include "tools/check/Inputs.h"
#include "tools/quantize/Calibrate.h"

#include <cmath>

using namespace mlir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace weir {

void embedRandomWeights(ModuleOp module, uint64_t seed) {
  dropTraining(module);
  Builder builder(module.getContext());
  for (auto variable : module.getOps<VariableOp>()) {
    variable.setValueAttr(valueOfNumbers(variable.getTensorType(), valueFor(variable, seed).values,
                                         variable.getSymName()));
    variable.setInitAttr(
        builder.getDictionaryAttr(builder.getNamedAttr("kind", builder.getStringAttr("embedded"))));
  }
}

/// Adds what one value holds to its range and, as one of `count` tensors, to its channel means.
static llvm::Error see(ObservedValue &value, const Tensor &tensor, size_t count) {
  const auto rows = static_cast<double>(tensor.rows() * static_cast<int64_t>(count));
  value.channelMeans.resize(tensor.columns());
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (!(std::abs(tensor[i]) <= std::numeric_limits<float>::max()))
      return llvm::createStringError("'" + value.name + "' has values that float32 does not hold");
    value.range.low = std::min(value.range.low, tensor[i]);
    value.range.high = std::max(value.range.high, tensor[i]);
    value.channelMeans[i % tensor.columns()] += tensor[i] / rows;
  }
  return llvm::Error::success();
}

/// Runs the float net by the reference, and writes what it saw beside the values.
static llvm::Error observe(ModuleOp module, ArrayRef<InputKind> kinds, uint64_t seed) {
  func::FuncOp function = observedFunction(module);
  const SmallVector<Value> values = observedValues(function);
  CalibrationTable table;
  table.values.push_back({"image", {}, {}, {0, 0}});
  llvm::DenseMap<Operation *, size_t> placeOf;
  for (Value value : values) {
    placeOf[value.getDefiningOp()] = table.values.size();
    table.values.push_back({layerPath(value.getLoc()), {}, {}, {0, 0}});
  }
  Machine machine = machineFor(module);
  for (InputKind kind : kinds) {
    const std::vector<Tensor> arguments = argumentsFor(function, kind, seed);
    llvm::Error problem = see(table.values[0], arguments[0], kinds.size());
    if (problem)
      return problem;
    auto run = machine.run(function, arguments, [&](Operation *op, ArrayRef<Tensor> results) {
      if (auto place = placeOf.find(op); place != placeOf.end())
        problem = llvm::joinErrors(std::move(problem),
                                   see(table.values[place->second], results[0], kinds.size()));
    });
    if (problem)
      return problem;
    if (failed(run))
      return llvm::createStringError("the reference cannot run the net");
  }
  return attachRanges(module, table);
}

llvm::Error quantizeOnRandomImages(Compiler &compiler, uint64_t seed) {
  const auto transform = [&](llvm::function_ref<void(OpPassManager &)> addPasses) {
    return compiler.transform(addPasses) ? llvm::createStringError("a pass fails")
                                         : llvm::Error::success();
  };
  // A relu6 is equalized as long as it cuts nothing off, and every input is to be held to that.
  if (llvm::Error error = observe(compiler.module(), inputKinds(), seed))
    return error;
  if (llvm::Error error =
          transform([](OpPassManager &passes) { passes.addPass(createEqualizeLayers()); }))
    return error;
  if (llvm::Error error = observe(compiler.module(), InputKind::Random, seed))
    return error;
  return transform([](OpPassManager &passes) {
    passes.addPass(createCorrectBias());
    passes.addPass(createQuantize());
  });
}

bool multipliesIntegersOnly(ModuleOp module) {
  bool isAny = false, isAll = true;
  module.walk([&](Operation *op) {
    if (!isa<Conv2dOp, DepthwiseConv2dOp, DenseOp, PackedDenseOp>(op))
      return;
    isAny = true;
    isAll &= isQuantized(op->getOperand(0).getType());
  });
  return isAny && isAll;
}

} // namespace weir
