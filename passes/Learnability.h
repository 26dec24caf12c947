//===- Learnability.h - will it learn? What can be known before the first step ----------------===//
//
// Judges a training run by the recipe and the untrained net alone: how far the optimizer moves the
// weights, what is left of the images' differences in the logits, which layers work on next to
// nothing. Runs on the module as the frontend built it, where each op is still the user's layer.
// docs/learning.md explains every code, formula and limit; keep it in step.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace weir {

/// One finding. A warning says that the run will not learn, or worse than it could; a note is worth
/// knowing and no more.
struct LearnFinding {
  struct Note {
    mlir::Location location;
    std::string message;
  };
  llvm::StringRef code; ///< "W101"
  bool isWarning = true;
  mlir::Location location;
  std::string message;
  std::vector<Note> notes;
};

/// The findings of a module's training run, worst cause first; if several warnings apply, the first
/// one (W100) sums them up. Of a module that does not train only what was left out of it (W109).
std::vector<LearnFinding> checkLearnability(mlir::ModuleOp module);

} // namespace weir
