//===- Manifest.h - what a program knows about itself ----------------------------------------===//

#pragma once

#include "kernels/Target.h"
#include "tools/Summary.h"

namespace weir {

/// The JSON that the compiler embeds in each program and runtime/Manifest.h reads: the net's
/// summary, variables with offsets and initialisers, entry points with their kernels, the recipe,
/// the CPU features that the kernels need. `module` is planned (see plan-memory).
nlohmann::ordered_json makeManifest(mlir::ModuleOp module, const NetSummary &summary,
                                    const KernelTarget &target, llvm::StringRef source);

/// "F32", "I8", "U8" or "I32", as in safetensors: how a tensor's elements are stored.
std::string storedTypeName(mlir::RankedTensorType type);

} // namespace weir
