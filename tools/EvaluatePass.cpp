//===- EvaluatePass.cpp - see EvaluatePass.h -------------------------------------------------===//
//
// How tests pin an op's semantics, and how one looks at what a pass did to the numbers: runs a
// module's functions on the values written beside their arguments. Works before and after any pass
// but lower-to-llvm.
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/EvaluatePass.h"

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace weir {
namespace {

constexpr llvm::StringLiteral valueName = "weir.value";

/// The tensor of `type` that `attribute` spells out (quantized values as they are stored); fails
/// where there is none, or of another type.
FailureOr<Tensor> tensorOf(Attribute attribute, Type type) {
  auto elements = dyn_cast_or_null<DenseElementsAttr>(attribute);
  if (!elements || elements.getType() != storageType(cast<RankedTensorType>(type)))
    return failure();
  const bool isUnsigned = storageOf(type).kind == Storage::Kind::Unsigned;
  Tensor tensor(type);
  int64_t i = 0;
  if (isa<FloatType>(elements.getElementType())) {
    for (const APFloat &value : elements.getValues<APFloat>())
      tensor[i++] = value.convertToDouble();
  } else {
    for (const APInt &value : elements.getValues<APInt>())
      tensor[i++] = isUnsigned ? static_cast<double>(value.getZExtValue())
                               : static_cast<double>(value.getSExtValue());
  }
  return tensor;
}

void print(const Twine &name, const Tensor &tensor) {
  llvm::outs() << name << ':';
  for (double value : tensor.values)
    llvm::outs() << ' ' << llvm::format("%.6g", value);
  llvm::outs() << '\n';
}

struct Evaluate : PassWrapper<Evaluate, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Evaluate)

  StringRef getArgument() const final { return "evaluate"; }
  StringRef getDescription() const final {
    return "Run each function through the reference semantics and print its results";
  }

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(evaluate(function)))
        return signalPassFailure();
    llvm::outs().flush();
    markAllAnalysesPreserved();
  }

  LogicalResult evaluate(func::FuncOp function) {
    Machine machine;
    for (auto variable : getOperation().getOps<VariableOp>())
      if (Attribute attribute = variable->getAttr(valueName)) {
        FailureOr<Tensor> value = tensorOf(attribute, variable.getType());
        if (failed(value))
          return variable.emitOpError("expects '")
                 << valueName << "' of its type, but got " << attribute;
        machine.variables[variable.getSymName()] = std::move(*value);
      }
    machine.declareVariables(getOperation());

    std::vector<Tensor> arguments;
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
      FailureOr<Tensor> value = tensorOf(function.getArgAttr(index, valueName), type);
      if (failed(value))
        return function.emitOpError("expects '")
               << valueName << "' of type " << type << " on argument " << index;
      arguments.push_back(std::move(*value));
    }

    FailureOr<std::vector<Tensor>> results = machine.run(function, arguments);
    if (failed(results))
      return failure();
    for (const Tensor &result : *results)
      print(function.getSymName(), result);
    llvm::SetVector<StringRef> assigned;
    function.walk([&](AssignOp op) { assigned.insert(op.getVariable()); });
    for (StringRef variable : assigned)
      print(function.getSymName() + " @" + variable, machine.variables[variable]);
    return success();
  }
};

} // namespace

void registerEvaluatePass() { PassRegistration<Evaluate>(); }

} // namespace weir
