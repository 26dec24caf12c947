//===- FuzzPasses.h - one net through all passes, without a program --------------------------===//

#pragma once

#include "tools/fuzz/FuzzCase.h"

namespace weir {

/// Sends the net through all passes as `weir compile --check-passes` does: as it is, with weights
/// of `seed` inside, and in 8 bits. No kernel is compiled. Stage "passes".
FuzzVerdict checkNetInPasses(const CompilerOptions &options, uint64_t seed);

} // namespace weir
