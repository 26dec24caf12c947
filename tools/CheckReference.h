//===- CheckReference.h - is a function still the same function? -----------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace weir {

/// The largest difference between two versions of a function.
struct Difference {
  std::string function;
  std::string where; ///< "result 0" or the variable's name
  double absolute = 0, relative = 0;
};

/// Runs each function of both modules through the reference semantics on the same pseudo-random
/// inputs and variables, and compares results and variables afterwards. A function that `minimize`s
/// is compared before and after only in its results: the updates have no counterpart before
/// differentiate.
llvm::Expected<std::vector<Difference>> compareByReference(mlir::ModuleOp before,
                                                           mlir::ModuleOp after);

} // namespace weir
