//===- PassBounds.h - what each pass promises about the numbers ------------------------------===//
//
// The one place where a pass says how far the results of a function may move when it rewrites it.
// `weir compile --check-passes` holds every pass to its line here (docs/checking.md).
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace weir {

struct PassBound {
  enum class Relation {
    Keeps,   ///< results and variables stay within `ulps`
    Updates, ///< as Keeps, but for variables that it begins to assign
    Changes, ///< other numbers by design; `reason` says what checks it instead
    Lowers,  ///< what it makes has no reference semantics; `reason` says what checks it instead
  };
  llvm::StringRef pass; ///< its argument, "simplify"
  Relation relation = Relation::Keeps;
  /// Of float32, at the largest number of each result (tools/check/Difference.h). 0: the same bits
  /// in float64.
  double ulps = 0;
  llvm::StringRef reason;
};

/// One line for each pass of Passes.td, in the order of the pipeline.
llvm::ArrayRef<PassBound> passBounds();

/// The line of `pass`. A pass without one is held to the strictest: the same bits.
PassBound boundOf(llvm::StringRef pass);

} // namespace weir
