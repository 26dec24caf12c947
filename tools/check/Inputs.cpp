//===- Inputs.cpp - see Inputs.h -------------------------------------------------------------===//

#include "tools/check/Inputs.h"

#include "ir/Values.h"

#include <random>

using namespace mlir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace weir {
namespace {

constexpr InputKind allKinds[] = {InputKind::Random, InputKind::Zeros, InputKind::Ones,
                                  InputKind::Large,  InputKind::Tiny,  InputKind::Negative};

double rounded(double value) { return static_cast<float>(value); }

/// A pixel of an image.
double valueOf(InputKind kind, double normal) {
  switch (kind) {
  case InputKind::Random:
    return normal;
  case InputKind::Zeros:
    return 0;
  case InputKind::Ones:
    return 1;
  case InputKind::Large:
    return normal * 1e4;
  case InputKind::Tiny:
    return normal * 1e-30;
  case InputKind::Negative:
    return -std::abs(normal);
  }
  llvm_unreachable("all kinds are there");
}

/// The number of classes of the loss that reads `value` as its labels; 0 where none does.
int64_t classesOf(Value value) {
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    if (auto kernel = dyn_cast<KernelOp>(user)) {
      if (int64_t classes = classesOf(kernel.getBody().getArgument(use.getOperandNumber())))
        return classes;
      continue;
    }
    if (isa<CrossEntropyOp, CrossEntropyGradOp>(user))
      return cast<RankedTensorType>(user->getOperand(0).getType()).getShape().back();
  }
  return 0;
}

double labelOf(InputKind kind, int64_t index, int64_t classes, uint64_t random) {
  if (kind == InputKind::Zeros)
    return 0;
  if (kind == InputKind::Ones || index == 0)
    return static_cast<double>(classes - 1);
  return static_cast<double>(index == 1 ? 0 : random % classes);
}

} // namespace

ArrayRef<InputKind> inputKinds() { return allKinds; }

StringRef nameOf(InputKind kind) {
  constexpr StringLiteral names[] = {"random", "zero", "one", "large", "tiny", "negative"};
  return names[static_cast<size_t>(kind)];
}

std::vector<Tensor> argumentsFor(func::FuncOp function, InputKind kind, uint64_t seed) {
  std::vector<Tensor> arguments;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (BlockArgument argument : function.getArguments()) {
    auto type = cast<RankedTensorType>(argument.getType());
    Tensor tensor(type);
    const int64_t classes = classesOf(argument);
    const Storage storage = storageOf(type);
    for (int64_t i = 0; i < tensor.size(); ++i) {
      if (storage.kind != Storage::Kind::Float)
        tensor[i] =
            classes > 0 ? labelOf(kind, i, classes, random()) : static_cast<double>(random() % 100);
      else if (type.getRank() == 0) // a learning rate
        tensor[i] = kind == InputKind::Zeros ? 0 : rounded(0.01);
      else
        tensor[i] = rounded(valueOf(kind, normal(random)));
    }
    arguments.push_back(std::move(tensor));
  }
  return arguments;
}

Tensor valueFor(VariableOp variable, uint64_t seed) {
  Tensor tensor(variable.getType());
  if (std::optional<ElementsAttr> value = variable.getValue()) {
    tensor.values = numbersOf(*value);
    return tensor;
  }
  std::vector<uint32_t> key(variable.getSymName().begin(), variable.getSymName().end());
  key.push_back(static_cast<uint32_t>(seed));
  std::seed_seq sequence(key.begin(), key.end());
  std::mt19937_64 random(sequence);
  std::normal_distribution<double> normal;
  const auto fanIn = variable.getInit().getAs<IntegerAttr>("fan_in");
  const auto initialiser = variable.getInit().getAs<StringAttr>("kind");
  const double centre = initialiser && initialiser.getValue() == "ones" ? 1 : 0;
  for (double &value : tensor.values) {
    const double number = normal(random);
    if (variable.getKind() == "optimizer")
      value = std::abs(number) * 0.1;
    else if (variable.getKind() == "statistic")
      value = std::abs(number) + 0.5;
    else if (fanIn)
      value = number * std::sqrt(2.0 / static_cast<double>(fanIn.getInt()));
    else
      value = centre + number * 0.1;
    value = rounded(value);
  }
  return tensor;
}

Machine machineFor(ModuleOp module, uint64_t seed) {
  Machine machine;
  for (auto variable : module.getOps<VariableOp>())
    machine.variables[variable.getSymName()] = valueFor(variable, seed);
  return machine;
}

} // namespace weir
