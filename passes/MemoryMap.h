//===- MemoryMap.h - the memory plan as text -------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace weir {

/// Prints what plan-memory decided: the variables' block, and for each function its arena, one row
/// per buffer with its offset, size and the kernels between which it lives, and the total against
/// the lower bound.
void printMemoryMap(mlir::ModuleOp module, llvm::raw_ostream &out);

} // namespace weir
