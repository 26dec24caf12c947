//===- SinkSlices.h - pointwise ops on all parts of a value become one on the whole ----------===//

#pragma once

#include "mlir/IR/Block.h"

namespace weir {

/// Where the same pointwise op is applied to each part of a concat (and to slices of other values
/// at the same ranges), applies it to the wholes, and gives its users slices of that: the op then
/// stands behind whatever makes a whole, and slices are views.
void sinkSlices(mlir::Block &block);

} // namespace weir
