//===- ModuleRuns.h - what all functions of a module compute, and how far two are apart ------===//

#pragma once

#include "passes/PassBounds.h"
#include "tools/check/FunctionRun.h"

#include <string>

namespace weir {

/// Every function of a module on some kinds of inputs; runs are made when they are asked for, once.
class ModuleRuns {
public:
  explicit ModuleRuns(mlir::ModuleOp module) : module(withLossesAsResults(module)) {}

  /// Null where the module has no function of that name, or the reference cannot run it.
  const FunctionRun *run(llvm::StringRef function, InputKind kind,
                         llvm::ArrayRef<reference::Tensor> arguments);
  mlir::ModuleOp ofModule() { return *module; }

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::StringMap<std::unique_ptr<FunctionRun>> runs;
};

struct Difference {
  double ulps = 0;
  std::string where; ///< "result 0 of 'infer_b1' on tiny inputs"
  InputKind kind = InputKind::Random;
  int leftOut = 0; ///< functions and kinds of inputs that say nothing about the pass
};

/// The largest difference between what the functions of `before` compute and what those of the
/// same names compute in `after`: results, and the variables that either assigns (unless the
/// relation is Updates and only `after` assigns them). Infinite where a function is gone or cannot
/// be run. Unless the bound is 0, a kind of inputs is left out on which roundings alone move a
/// function as far, or on which it differs and was not finite before the pass. Asks `isLate` before
/// each run and stops there: nullopt.
std::optional<Difference> compareRuns(ModuleRuns &before, ModuleRuns &after, const PassBound &bound,
                                      llvm::ArrayRef<InputKind> kinds,
                                      llvm::function_ref<bool()> isLate);

} // namespace weir
