//===- HostObject.h - the LLVM dialect to an object file -------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <string>

namespace weir {

/// LLVM IR text of a module in the LLVM dialect (for `--emit=llvm`).
llvm::Expected<std::string> toLlvmIr(mlir::ModuleOp module);

/// A position-independent x86-64 ELF object of a module in the LLVM dialect. Host code only fills
/// in buffer descriptions and calls kernels, so baseline x86-64 serves every target.
llvm::Expected<llvm::SmallVector<char, 0>> toObject(mlir::ModuleOp module);

/// An object whose one symbol, hidden, names these bytes, aligned to 64.
llvm::Expected<llvm::SmallVector<char, 0>> toObject(llvm::ArrayRef<char> bytes,
                                                    llvm::StringRef symbol);

} // namespace weir
