//===- PlannedRun.h - a planned function on the bytes of its plan ----------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace weir {

/// True where plan-memory has given every value of `function` its place.
bool isPlanned(mlir::func::FuncOp function);

/// Runs the kernels of `function` by the reference semantics, but each reads its operands from the
/// places that the plan gave them, and writes its results there: into the block of variables, the
/// arena, arguments or results. Afterwards `machine` has the variables that lie in the block. A
/// byte that was overwritten by something else is read as NaN.
llvm::FailureOr<std::vector<reference::Tensor>>
runPlanned(mlir::func::FuncOp function, llvm::ArrayRef<reference::Tensor> arguments,
           reference::Machine &machine);

} // namespace weir
