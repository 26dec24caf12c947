//===- Prologues.h - how form-groups knows what is computed where an image is copied ---------===//

#pragma once

#include "ir/Dialect.h"
#include "llvm/ADT/SmallVector.h"

namespace weir {

/// On pointwise ops that belong to the kernel of their one reader. Groups are free of it, so that
/// equal groups stay equal.
constexpr llvm::StringLiteral prologueAttribute = "weir.prologue";

/// The marked ops behind the operands of `op`, in their order.
llvm::SmallVector<mlir::Operation *> prologueOf(mlir::Operation *op);

} // namespace weir
