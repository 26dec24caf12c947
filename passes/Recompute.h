//===- Recompute.h - how form-groups knows what is computed again ----------------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"

namespace weir {

/// On ops that repeat in the backward pass what the forward pass has computed: a group of the
/// forward pass must not take them in, or nothing would be gained.
constexpr llvm::StringLiteral recomputedAttribute = "weir.recomputed";

} // namespace weir
