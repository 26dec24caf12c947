//===- FuzzPhase.h - what a child is at ------------------------------------------------------===//
//
// A child says each phase on standard error, a line each, where its parent reads it; so whoever
// waits sees more than nothing, and a crash or a hang has a place.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace weir {

void tellPhase(llvm::StringRef phase);

/// The last phase that `errors`, what a child has said, tells; empty where there is none yet.
std::string lastPhase(llvm::StringRef errors);

} // namespace weir
