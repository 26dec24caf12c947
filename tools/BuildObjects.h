//===- BuildObjects.h - a planned module to object files -------------------------------------===//

#pragma once

#include "kernels/Compile.h"
#include "tools/Link.h"

namespace weir {

/// The kernels of a planned module (phase "memory"), compiled, its host functions, and the values
/// that its variables carry. `lower` runs the phase "llvm", after which the module is in the LLVM
/// dialect. Kernels that cannot be compiled are diagnosed at their groups' locations.
llvm::Expected<std::vector<ObjectFile>>
buildObjects(mlir::ModuleOp module, llvm::StringRef manifest, llvm::StringRef programSymbol,
             const KernelOptions &options,
             llvm::function_ref<llvm::LogicalResult(mlir::ModuleOp)> lower);

} // namespace weir
