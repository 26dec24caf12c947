//===- FunctionRun.h - a function's results by the reference semantics -----------------------===//
//
// At any phase before lower-to-llvm. A planned function (plan-memory) is run on the bytes of its
// plan, so that a value that is overwritten too early shows.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/check/Inputs.h"

namespace weir {

struct FunctionRun {
  std::vector<reference::Tensor> results;
  llvm::StringMap<reference::Tensor> assigned; ///< variables that the function assigns
};

/// `function` on `arguments`, with the variables that `seed` stands for. Fails, with a
/// diagnostic at the op, where an op has no reference semantics.
llvm::FailureOr<FunctionRun> runFunction(mlir::func::FuncOp function,
                                         llvm::ArrayRef<reference::Tensor> arguments,
                                         uint64_t seed = 1);

/// A copy in which `minimize`, which computes nothing that could be compared, has made its loss a
/// result of the function.
mlir::OwningOpRef<mlir::ModuleOp> withLossesAsResults(mlir::ModuleOp module);

} // namespace weir
