//===- LearnReport.h - findings about a training run, for people and for programs -------------===//

#pragma once

#include "passes/Learnability.h"
#include <nlohmann/json.hpp>

namespace llvm {
class raw_ostream;
}

namespace weir {

/// Prints `file:line:col: warning: … [W101]` and its notes, one line each; findings that are only
/// worth knowing if `withNotes`.
void printFindings(const std::vector<LearnFinding> &findings, bool withNotes,
                   llvm::raw_ostream &stream);

/// A list of `{code, severity, source, message, notes: [{source, message}]}`; severity is "warning"
/// or "note".
nlohmann::ordered_json toJson(const std::vector<LearnFinding> &findings);

} // namespace weir
