//===- CheckReference.cpp - see CheckReference.h ---------------------------------------------===//

#include "tools/CheckReference.h"

#include "ir/Values.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <random>

using namespace mlir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace weir {
namespace {

/// Values that an entry point may get: labels and counters are small non-negative integers.
Tensor randomTensor(RankedTensorType type, std::mt19937_64 &random) {
  Tensor tensor(type);
  if (isa<FloatType>(type.getElementType())) {
    std::normal_distribution<double> normal;
    for (double &value : tensor.values)
      value = normal(random);
  } else {
    for (double &value : tensor.values)
      value = static_cast<double>(random() % 2);
  }
  return tensor;
}

/// Weights like an initialiser's; optimizer state must not be negative (there are square roots).
void fillVariables(ModuleOp module, Machine &machine) {
  for (auto variable : module.getOps<VariableOp>()) {
    if (std::optional<ElementsAttr> value = variable.getValue()) {
      Tensor &tensor = machine.variables[variable.getSymName()] = Tensor(variable.getType());
      tensor.values = numbersOf(*value);
      continue;
    }
    std::mt19937_64 random(std::hash<std::string>()(variable.getSymName().str()));
    Tensor tensor = randomTensor(variable.getTensorType(), random);
    for (double &value : tensor.values)
      value = variable.getKind() == "optimizer" ? std::abs(value) * 0.1 : value * 0.1;
    machine.variables[variable.getSymName()] = std::move(tensor);
  }
}

Difference largest(StringRef function, std::string where, const Tensor &before,
                   const Tensor &after) {
  Difference difference{function.str(), std::move(where)};
  for (auto [a, b] : llvm::zip_equal(before.values, after.values)) {
    const double absolute = std::abs(a - b);
    difference.absolute = std::max(difference.absolute, absolute);
    if (absolute > 0)
      difference.relative =
          std::max(difference.relative, absolute / std::max(std::abs(a), std::abs(b)));
  }
  return difference;
}

/// `minimize` computes nothing that a later op could see.
void dropMinimize(ModuleOp module) {
  module.walk([](MinimizeOp op) { op.erase(); });
}

} // namespace

llvm::Expected<std::vector<Difference>> compareByReference(ModuleOp before, ModuleOp after) {
  std::vector<Difference> differences;
  OwningOpRef<ModuleOp> plain = before.clone();
  const bool differentiated =
      before.walk([](MinimizeOp) { return WalkResult::interrupt(); }).wasInterrupted();
  dropMinimize(*plain);
  OwningOpRef<ModuleOp> other = after.clone();
  dropMinimize(*other);
  for (auto function : plain->getOps<func::FuncOp>()) {
    auto counterpart = other->lookupSymbol<func::FuncOp>(function.getSymName());
    if (!counterpart)
      return llvm::createStringError("function '" + function.getSymName() +
                                     "' is gone after the passes");
    Machine first, second;
    fillVariables(*plain, first);
    fillVariables(*other, second);
    std::mt19937_64 random(1);
    std::vector<Tensor> arguments;
    for (Type type : function.getArgumentTypes())
      arguments.push_back(randomTensor(cast<RankedTensorType>(type), random));
    auto expected = first.run(function, arguments), actual = second.run(counterpart, arguments);
    if (failed(expected) || failed(actual))
      return llvm::createStringError("function '" + function.getSymName() +
                                     "' cannot be run by the reference");
    for (size_t i = 0; i < expected->size(); ++i)
      differences.push_back(largest(function.getSymName(), "result " + std::to_string(i),
                                    (*expected)[i], (*actual)[i]));
    if (differentiated)
      continue;
    for (const auto &variable : first.variables)
      differences.push_back(largest(function.getSymName(), variable.getKey().str(),
                                    variable.getValue(), second.variables[variable.getKey()]));
  }
  return differences;
}

} // namespace weir
