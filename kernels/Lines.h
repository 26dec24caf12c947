//===- Lines.h - a product's positions as lines ----------------------------------------------===//
//
// Before emission. A product that reads images through windows has a row for each position, one
// image's line behind the other. Where no good register tile divides a line (109x109 positions),
// lines become a dimension of their own: a tile is then a piece of one line, and the last piece of
// a line may be shorter.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "kernels/Schedule.h"

#include <memory>

namespace weir::kernels {

/// A copy of `kernel`'s body whose rows are lines of positions, the same values in the same order
/// in memory, where its product's tiles are pieces of lines: by `given`, else by the model. Else
/// null.
std::unique_ptr<mlir::Block> linesBody(KernelOp kernel, const KernelTarget &target,
                                       const Schedule *given);

} // namespace weir::kernels
