//===- MemoryMap.h - the memory plan as text -------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/raw_ostream.h"

namespace weir {

/// A value between kernels, where plan-memory put it; one that lies in another one's memory (a part
/// of a concat) is part of that one.
struct ArenaBuffer {
  llvm::SmallVector<KernelOp, 1> makers;
  int64_t offset, bytes;
  /// The kernels of the function that begin to make it and that use it last, counted from 0.
  size_t first, last;
};

/// The arena of a planned function, in the order of the kernels.
std::vector<ArenaBuffer> arenaBuffers(mlir::func::FuncOp function);

/// Prints what plan-memory decided: the variables' block, and for each function its arena, one row
/// per buffer with its offset, size and the kernels between which it lives, and the total against
/// the lower bound.
void printMemoryMap(mlir::ModuleOp module, llvm::raw_ostream &out);

} // namespace weir
