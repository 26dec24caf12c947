//===- MatrixNest.h - loops of a matrix product ----------------------------------------------===//

#pragma once

#include "kernels/ScheduleNest.h"

namespace weir::kernels {

/// Cuts a product's nest into register tiles, by the schedule that it was emitted for.
void scheduleMatrixNest(const Nest &nest, const Reduction &reduction);

/// The loops that LowerTileProducts makes a block of tiles of, inside of those over blocks.
void cutTiles(Halide::Func sums, const Schedule &schedule);

} // namespace weir::kernels
