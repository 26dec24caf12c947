// Layers that what the net returns does not depend on are left out of it, and told of.
#pragma once

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace weir {

/// Erases the ops of `function`, which has no terminator yet, that `logits` do not depend on, the
/// running averages of such layers with them. The module's attribute `weir.unused` then says so: a
/// list of dictionaries, one for each part that hangs together, with the layers whose `results`
/// nobody reads, the place `at` of the first, and how many `layers` and `parameters` there are.
void eraseUnusedLayers(mlir::func::FuncOp function, mlir::Value logits);

/// Erases the variables that no function reads.
void eraseUnreadVariables(mlir::ModuleOp module);

} // namespace weir
