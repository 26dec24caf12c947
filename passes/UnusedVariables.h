//===- UnusedVariables.h - variables that a rewrite left behind -------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace weir {

/// Erases reads and views whose value nobody uses, then variables that carry a value and that
/// nobody reads.
void eraseUnusedVariables(mlir::ModuleOp module);

} // namespace weir
