//===- FoldConstants.h - what is known is computed when the net is compiled ------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace weir {

/// Evaluates, by the reference semantics, ops whose operands are all constants: `fill`, and
/// variables that carry their value and are never assigned. One repeated value becomes a `fill`;
/// others become a variable that carries its value, if it takes no more bytes than the op's
/// operands, and if float32 holds its numbers exactly: none changes, not even in the last place.
void foldConstants(mlir::ModuleOp module);

} // namespace weir
