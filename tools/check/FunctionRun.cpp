//===- FunctionRun.cpp - see FunctionRun.h ---------------------------------------------------===//

#include "tools/check/FunctionRun.h"

#include "tools/check/PlannedRun.h"

using namespace mlir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace weir {

FailureOr<FunctionRun> runFunction(func::FuncOp function, ArrayRef<Tensor> arguments,
                                   uint64_t seed) {
  auto module = function->getParentOfType<ModuleOp>();
  Machine machine = machineFor(module, seed);
  FailureOr<std::vector<Tensor>> results = isPlanned(function)
                                               ? runPlanned(function, arguments, machine)
                                               : machine.run(function, arguments);
  if (failed(results))
    return failure();
  FunctionRun run{std::move(*results), {}};
  function.walk([&](AssignOp assign) {
    run.assigned[assign.getVariable()] = std::move(machine.variables[assign.getVariable()]);
  });
  return run;
}

OwningOpRef<ModuleOp> withLossesAsResults(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  for (auto function : copy->getOps<func::FuncOp>()) {
    Operation *end = function.getBody().front().getTerminator();
    for (auto minimize : llvm::make_early_inc_range(function.getOps<MinimizeOp>())) {
      end->insertOperands(end->getNumOperands(), minimize.getLoss());
      minimize.erase();
    }
    function.setType(FunctionType::get(module.getContext(), function.getArgumentTypes(),
                                       end->getOperandTypes()));
  }
  return copy;
}

} // namespace weir
