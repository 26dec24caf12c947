//===- ReduceIr.cpp - see ReduceIr.h ---------------------------------------------------------===//
//
// Ops are numbered in the order of the text, so that a simplification finds its op in a clone.
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/check/ReduceIr.h"

#include "tools/check/Reduce.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <ctime>

using namespace mlir;

namespace weir {
namespace {

using Module = OwningOpRef<ModuleOp>;

/// The ops of all functions' bodies, in order; not what is inside of kernels.
SmallVector<Operation *> opsOf(ModuleOp module) {
  SmallVector<Operation *> ops;
  for (auto function : module.getOps<func::FuncOp>())
    for (Operation &op : function.getBody().front().without_terminator())
      ops.push_back(&op);
  return ops;
}

/// Erases ops, arguments and variables that nothing needs any more.
void clean(ModuleOp module) {
  const SmallVector<Operation *> ops = opsOf(module);
  for (Operation *op : llvm::reverse(ops))
    if (isOpTriviallyDead(op))
      op->erase();
  for (auto function : module.getOps<func::FuncOp>()) {
    llvm::BitVector unused(function.getNumArguments());
    for (BlockArgument argument : function.getArguments())
      unused[argument.getArgNumber()] = argument.use_empty();
    (void)function.eraseArguments(unused);
  }
  for (auto variable : llvm::make_early_inc_range(module.getOps<VariableOp>()))
    if (SymbolTable::symbolKnownUseEmpty(variable, module))
      variable.erase();
}

void setResults(func::FuncOp function, ValueRange values) {
  Operation *end = function.getBody().front().getTerminator();
  end->setOperands(values);
  function.setType(
      FunctionType::get(function.getContext(), function.getArgumentTypes(), values.getTypes()));
}

/// A clone after `change`, or null where that breaks the rules or removes nothing.
template <typename Change> Simplification<Module> changed(const Module &module, Change change) {
  return [&module, change]() -> Module {
    Module copy = module.get().clone();
    change(*copy);
    clean(*copy);
    return succeeded(verify(*copy)) ? std::move(copy) : nullptr;
  };
}

func::FuncOp functionOf(Operation *op) { return op->getParentOfType<func::FuncOp>(); }

std::vector<Simplification<Module>> simpler(const Module &module) {
  std::vector<Simplification<Module>> all;
  const auto functions = llvm::to_vector(module.get().getOps<func::FuncOp>());
  for (size_t i = 0; functions.size() > 1 && i < functions.size(); ++i)
    all.push_back(changed(module, [i](ModuleOp copy) {
      (*std::next(copy.getOps<func::FuncOp>().begin(), static_cast<ptrdiff_t>(i))).erase();
    }));
  const SmallVector<Operation *> ops = opsOf(*module);
  // Ends the function at an op: its results become the function's.
  for (size_t i = 0; i < ops.size(); ++i)
    if (ops[i]->getNumResults() > 0 && !isa<ReadOp>(ops[i]) &&
        !llvm::equal(ops[i]->getResults(),
                     functionOf(ops[i]).getBody().front().getTerminator()->getOperands()))
      all.push_back(changed(module, [i](ModuleOp copy) {
        Operation *last = opsOf(copy)[i];
        auto function = functionOf(last);
        setResults(function, last->getResults());
        while (last->getNextNode() != function.getBody().front().getTerminator())
          function.getBody().front().getTerminator()->getPrevNode()->erase();
      }));
  for (auto [i, op] : llvm::enumerate(ops))
    if (op->getNumResults() == 0)
      all.push_back(changed(module, [i](ModuleOp copy) { opsOf(copy)[i]->erase(); }));
  // Begins the function behind an op: its results become arguments; the last ones first.
  for (size_t i = ops.size(); i-- > 0;)
    if (!ops[i]->use_empty() && (ops[i]->getNumOperands() > 0 || isa<ReadOp>(ops[i])))
      all.push_back(changed(module, [i](ModuleOp copy) {
        Operation *op = opsOf(copy)[i];
        auto function = functionOf(op);
        for (Value result : op->getResults()) {
          const unsigned place = function.getNumArguments();
          (void)function.insertArgument(place, result.getType(), {}, op->getLoc());
          result.replaceAllUsesWith(function.getArgument(place));
        }
        op->erase();
      }));
  // Leaves an op out: its operand takes its place.
  for (size_t i = 0; i < ops.size(); ++i)
    for (size_t k = 0; k < ops[i]->getNumOperands() && ops[i]->getNumResults() == 1; ++k)
      if (ops[i]->getOperand(k).getType() == ops[i]->getResult(0).getType())
        all.push_back(changed(module, [i, k](ModuleOp copy) {
          Operation *op = opsOf(copy)[i];
          op->getResult(0).replaceAllUsesWith(op->getOperand(k));
          op->erase();
        }));
  return all;
}

} // namespace

void reduceFailure(PassFailure &failure, double seconds) {
  const auto now = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  auto isLate = [&, start = now()] { return now() - start > seconds; };
  ScopedDiagnosticHandler swallow(failure.before->getContext(),
                                  [](Diagnostic &) { return success(); });
  reduce<Module>(
      failure.before, simpler,
      [&](const Module &candidate) {
        return !whatFails(*candidate, failure.pipeline, failure.kinds).empty();
      },
      isLate);
  if (std::string message = whatFails(*failure.before, failure.pipeline, failure.kinds);
      !message.empty())
    failure.message = std::move(message);
}

} // namespace weir
