//===- UnusedVariables.cpp - see UnusedVariables.h --------------------------------------------===//

#include "passes/UnusedVariables.h"

#include "ir/Dialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Iterators.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace weir {

void eraseUnusedVariables(ModuleOp module) {
  llvm::DenseSet<StringAttr> used;
  module.walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
    if (isa<ReadOp, ViewOp>(op) && op->use_empty())
      return op->erase();
    if (auto read = dyn_cast<ReadOp>(op)) {
      used.insert(read.getVariableAttr().getAttr());
    } else if (auto assign = dyn_cast<AssignOp>(op)) {
      used.insert(assign.getVariableAttr().getAttr());
    }
  });
  for (auto variable : llvm::make_early_inc_range(module.getOps<VariableOp>()))
    if (variable.getValue() && !used.contains(variable.getSymNameAttr()))
      variable.erase();
}

} // namespace weir
