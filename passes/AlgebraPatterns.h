//===- AlgebraPatterns.h - rewrites that leave every value as it is --------------------------===//

#pragma once

#include "mlir/IR/PatternMatch.h"

namespace weir {

/// Activations of activations, transposes that cancel or move nothing, borders that a convolution
/// can have itself, pools over one value or the whole image. Numbers do not change, not even in the
/// last place.
void addAlgebraPatterns(mlir::RewritePatternSet &patterns);

} // namespace weir
