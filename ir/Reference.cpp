//===- Reference.cpp - see Reference.h -------------------------------------------------------===//

#include "ir/Reference.h"
#include "ir/Dialect.h"
#include "ir/Values.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include <bit>

using namespace mlir;

namespace weir::reference {

Tensor::Tensor(ArrayRef<int64_t> shape) : shape(shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  values.resize(size);
}

Tensor::Tensor(Type type) : Tensor(cast<RankedTensorType>(type).getShape()) {}

Tensor Tensor::scalar(double value) {
  Tensor tensor{ArrayRef<int64_t>{}};
  tensor[0] = value;
  return tensor;
}

uint32_t threefry(uint32_t key0, uint32_t key1, uint32_t counter0, uint32_t counter1) {
  constexpr int rotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  const uint32_t keys[3] = {key0, key1, 0x1BD11BDA ^ key0 ^ key1};
  uint32_t x0 = counter0 + key0, x1 = counter1 + key1;
  for (uint32_t round = 0; round < 13; ++round) {
    x0 += x1;
    x1 = std::rotl(x1, rotations[round % 8]) ^ x0;
    if (uint32_t injection = (round + 1) / 4; round % 4 == 3) {
      x0 += keys[injection % 3];
      x1 += keys[(injection + 1) % 3] + injection;
    }
  }
  return x0;
}

void Machine::declareVariables(ModuleOp module) {
  for (auto variable : module.getOps<VariableOp>()) {
    auto [entry, isNew] = variables.try_emplace(variable.getSymName(), Tensor(variable.getType()));
    if (std::optional<ElementsAttr> value = variable.getValue(); value && isNew)
      entry->second.values = numbersOf(*value);
  }
}

namespace {

using Values = llvm::DenseMap<Value, Tensor>;
using Trace = llvm::function_ref<void(Operation *, ArrayRef<Tensor>)>;

class Interpreter {
public:
  Interpreter(Machine &machine, Trace trace) : machine(machine), trace(trace) {}

  /// Values of the block's terminator operands.
  FailureOr<std::vector<Tensor>> run(Block &block, ArrayRef<Tensor> arguments) {
    Values values;
    for (auto [argument, value] : llvm::zip_equal(block.getArguments(), arguments))
      values[argument] = value;
    for (Operation &op : block.without_terminator())
      if (failed(step(op, values)))
        return failure();
    return operandsOf(*block.getTerminator(), values);
  }

private:
  std::vector<Tensor> operandsOf(Operation &op, const Values &values) {
    std::vector<Tensor> operands;
    for (Value operand : op.getOperands())
      operands.push_back(values.at(operand));
    return operands;
  }

  LogicalResult step(Operation &op, Values &values) {
    std::vector<Tensor> operands = operandsOf(op, values), results;
    if (auto read = dyn_cast<ReadOp>(op)) {
      auto found = machine.variables.find(read.getVariable());
      if (found == machine.variables.end())
        return op.emitOpError("expects variable '") << read.getVariable() << "' to have a value";
      results = {found->second};
    } else if (auto assign = dyn_cast<AssignOp>(op)) {
      machine.variables[assign.getVariable()] = operands[0];
    } else if (auto kernel = dyn_cast<KernelOp>(op)) {
      FailureOr<std::vector<Tensor>> yielded = run(kernel.getBody().front(), operands);
      if (failed(yielded))
        return failure();
      results = std::move(*yielded);
    } else if (auto pure = dyn_cast<ReferenceOpInterface>(op)) {
      for (Type type : op.getResultTypes())
        results.emplace_back(type);
      pure.evaluate(operands, results);
    } else {
      return op.emitOpError("has no reference semantics");
    }
    if (trace)
      trace(&op, results);
    for (auto [result, value] : llvm::zip_equal(op.getResults(), results))
      values[result] = std::move(value);
    return success();
  }

  Machine &machine;
  Trace trace;
};

} // namespace

FailureOr<std::vector<Tensor>> Machine::run(func::FuncOp function, ArrayRef<Tensor> arguments,
                                            Trace trace) {
  return Interpreter(*this, trace).run(function.getBody().front(), arguments);
}

} // namespace weir::reference
