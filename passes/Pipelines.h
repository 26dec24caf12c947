//===- Pipelines.h - the phases of a compilation, by name ------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include <string>

namespace mlir {
class OpPassManager;
}

namespace weir {

/// The block of variables with the values they carry, to which the program called `programSymbol`
/// refers where they carry some; another object defines it (tools/BuildObjects.h).
inline std::string valuesSymbol(llvm::StringRef programSymbol) {
  return (programSymbol + "_values").str();
}

/// A named stretch of the pipeline; `weir compile --emit=<name>` stops after it.
struct Phase {
  llvm::StringRef name;
  llvm::StringRef summary;
  void (*addPasses)(mlir::OpPassManager &);
};

/// Phases from the frontend's output to planned kernels, in order: "ir", "groups", "memory". The
/// kernels are compiled between "memory" and the last phase, "llvm".
llvm::ArrayRef<Phase> phases();

} // namespace weir
