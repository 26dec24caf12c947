//===- Weights.h - weights that are known when a net is compiled -----------------------------===//
//
// `weir compile --weights FILE`: the variables of the module get the values of a safetensors file,
// and the module becomes an inference program, which carries them (docs/training.md).
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace weir {

/// Gives each variable of a module fresh from the frontend its value, and drops what trains. Where
/// the weights come from is the module's attribute `weir.weights = {file, sha256}`. An error that
/// says what is wrong with the file, or which tensors are not those of `net`.
llvm::Error embedWeights(mlir::ModuleOp module, const std::string &file, const std::string &net);

/// Erases the functions that train.
void dropTraining(mlir::ModuleOp module);

/// The block of a planned module's variables with their values; empty where none carries one.
std::vector<char> blockOfValues(mlir::ModuleOp module);

} // namespace weir
