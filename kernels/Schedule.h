//===- Schedule.h - the integer parameters of a loop nest ------------------------------------===//
//
// Between emission (which needs to know how a long sum is cut) and Halide's scheduling calls
// (ScheduleNest.cpp): the few numbers that a tuner may change, and the model that picks them.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Target.h"

#include <cstdint>
#include <string>

namespace weir {

/// A matrix product as every dense op has it: `rows` x `columns` results, each a sum over `depth`
/// products. Columns are contiguous in memory.
struct MatrixExtents {
  int64_t rows, columns, depth;
};

/// How the loops of one reduction are cut. All are at least 1, except where said.
struct Schedule {
  int vectorWidth = 4; ///< f32 values in a vector
  int tileVectors = 1; ///< vectors of columns in a register tile
  int tileRows = 1;    ///< rows of a register tile; divides the rows of a task
  int depthBlock = 0;  ///< terms summed at a time while their operand stays in L1; 0: all
  int depthUnroll = 1;
  bool sumLanes = false; ///< terms side by side in a vector whose lanes are added up last
  int taskRows = 0;      ///< rows of a parallel task, a divisor of the rows; 0: not parallel

  /// "v16n5m4k56u2p16": part of a kernel's key in the cache.
  std::string text() const;
};

/// Which operands of a matrix product are too large to be gone through again for each tile.
enum class LargeOperand {
  None,
  Right, ///< the right one, as a layer's weights (dense)
  Both,  ///< both, along the terms: a batch of images (dense_weight_grad)
};

/// A matrix product whose row of the right operand is contiguous (dense, dense_weight_grad) or was
/// packed to be (dense_input_grad).
Schedule chooseMatrixSchedule(const MatrixExtents &extents, const KernelTarget &target,
                              LargeOperand large);

/// A matrix product whose right operand lies along the terms (dense_input_grad).
Schedule chooseTransposedSchedule(const MatrixExtents &extents, const KernelTarget &target);

/// Pointwise loops and sums over rows: whole vectors along the last dimension.
Schedule choosePlainSchedule(const KernelTarget &target);

} // namespace weir
