//===- DumpPasses.h - one numbered file per pass ---------------------------------------------===//

#pragma once

#include "mlir/Pass/PassManager.h"
#include <string>

namespace weir {

/// Writes the IR after each pass of `passes` to `directory/NN-<pass>.mlir`, NN counting from
/// `firstNumber`, with the locations of the model file. `00-frontend.mlir` is the caller's to write
/// (see writeIr).
void dumpAfterEachPass(mlir::PassManager &passes, std::string directory, int firstNumber);

/// Removes what an earlier run has left in `directory`: numbered files and the page beside them.
void clearDump(const std::string &directory);

/// Writes `op` to `directory/NN-<name>.mlir`. Returns false, after an error, where the file cannot
/// be written.
bool writeIr(mlir::Operation *op, const std::string &directory, int number, llvm::StringRef name);

} // namespace weir
