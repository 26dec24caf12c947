//===- Strips.h - how form-groups knows what is computed strip by strip ----------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"

namespace weir {

/// On ops that share one loop over strips of the image: a number that is the chain's own in its
/// function. Groups are free of it, so that equal groups stay equal.
constexpr llvm::StringLiteral stripChainAttribute = "weir.strip_chain";

/// On the depthwise convolution of such a chain, and kept in its group: how many strips each image
/// is cut into, which cores may share.
constexpr llvm::StringLiteral stripsAttribute = "weir.strips";

} // namespace weir
