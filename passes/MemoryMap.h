//===- MemoryMap.h - the memory plan as text -------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/raw_ostream.h"

namespace weir {

/// A value between kernels, where plan-memory put it.
struct ArenaBuffer {
  KernelOp maker;
  int64_t offset, bytes;
  size_t first, last; ///< the kernels of the function that make it and read it last, counted from 0
};

/// The arena of a planned function, in the order of the kernels.
std::vector<ArenaBuffer> arenaBuffers(mlir::func::FuncOp function);

/// Prints what plan-memory decided: the variables' block, and for each function its arena, one row
/// per buffer with its offset, size and the kernels between which it lives, and the total against
/// the lower bound.
void printMemoryMap(mlir::ModuleOp module, llvm::raw_ostream &out);

} // namespace weir
