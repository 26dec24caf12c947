//===- Schedule.h - the integer parameters of a loop nest ------------------------------------===//
//
// Between emission (which needs to know how a long sum is cut) and Halide's scheduling calls
// (ScheduleNest.cpp): the few numbers that a tuner may change, and the model that picks them.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Boxes.h"
#include "kernels/Target.h"

#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <string>

namespace weir {

/// Of a box of terms, the turns of the innermost loop that a schedule may write out: all `terms` of
/// no dimensions, the first extent of a box; 1 where the two inner loops are short and written out
/// anyway.
int64_t innerTerms(int64_t terms, llvm::ArrayRef<int64_t> dimensions);
/// The largest divisor of `n` up to `limit`, and at least 1.
int largestDivisor(int64_t n, int64_t limit);
/// True of the rows of a tile: a box, or with `lines` as many as a line has or fewer.
bool isRowTile(int64_t tileRows, llvm::ArrayRef<int64_t> dimensions, bool lines);
/// True of a box whose two inner loops are written out.
bool isShort(llvm::ArrayRef<int> boxExtents);

/// A matrix product as every dense op has it: `rows` x `columns` results, each a sum over `depth`
/// products. Columns are contiguous in memory. With dimensions, the left operand is read from
/// images through windows; tiles of rows and blocks of terms are then boxes, so that every place in
/// one has a fixed distance from its first. With `lines`, tiles may also be pieces of the lines
/// that `rowDimensions[0]` rows are, whatever their number.
struct MatrixExtents {
  int64_t rows, columns, depth;
  int64_t constants = 0; ///< registers that the ops behind the product keep for numbers of theirs
  Dimensions rowDimensions = {}, termDimensions = {};
  bool lines = false;
};

/// How a product's rows are cut into tiles. What the rows do not fill of a last tile is summed up
/// as well, and dropped.
struct RowTiles {
  RowTiles(int64_t tileRows, int64_t rows, llvm::ArrayRef<int64_t> rowDimensions);

  int64_t line;  ///< rows that the tiles are cut out of: all, or a line of an image's positions
  int64_t count; ///< of tiles, in all lines
  int64_t task;  ///< the rows of a task are a multiple of these: a tile's or a line's
  bool whole;    ///< no tile reaches beyond its line's last row
  bool pieces;   ///< they are of lines, and no boxes
};

/// How the loops of one group are cut. What a number means depends on the template
/// (LoopFacts.h); where a template has no use for one it has its first value.
struct Schedule {
  int vectorWidth = 4;   ///< f32 values in a vector
  int tileVectors = 1;   ///< vectors of columns in a register tile
  int tileRows = 1;      ///< rows of a register tile
  int depthBlock = 0;    ///< terms summed at a time while their operand stays in L1; 0: all
  int depthUnroll = 1;   ///< turns of the innermost loop over terms (or positions) written out
  int laneColumns = 0;   ///< columns whose terms lie side by side in vectors, whose lanes are added
                         ///< up last; 0: columns lie side by side
  int columnsInside = 0; ///< 1: of the loops over tiles the one over columns is the inner one
  int taskRows = 0;      ///< rows of a parallel task, whole tiles or lines; 0: not parallel

  /// On GPUs a block's tile of a matrix product has as many columns as `threadColumns` threads with
  /// `tileVectors` columns each, and rows likewise; `depthBlock` terms of both operands are in
  /// shared memory at a time. 0 on CPUs.
  int threadColumns = 0, threadRows = 0;
  int parts = 1; ///< of a sum's terms, taken by blocks of a GPU or by tasks of their own

  /// "v16n5m4k56u2p16": each number that is not the first value of its kind, and the vector's
  /// width. Part of a kernel's key in the cache, and what tuning records hold.
  std::string text() const;
  /// The schedule of such a text, or an error that says what is wrong with it.
  static llvm::Expected<Schedule> parse(llvm::StringRef text);

  bool operator==(const Schedule &) const = default;
};

/// The letters of Schedule::text(). A number that is added to Schedule gets its row here, behind
/// the others, with a letter (or several) of its own.
struct ScheduleField {
  llvm::StringLiteral letters;
  int Schedule::*number;
};
llvm::ArrayRef<ScheduleField> scheduleFields();

/// Whether cores share a product's tiles of columns: there is work for several, and its rows make
/// no tasks. `depth` as in the choice of the schedule, of groups of `terms` products.
bool sharesColumns(const Schedule &schedule, const MatrixExtents &extents, int terms = 1);

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

/// Cycles of such a product in tiles of `tileRows` x `laneColumns` sums.
double lanesCycles(const Schedule &schedule, const MatrixExtents &extents);

/// A matrix product of 8-bit integers: `depth` counts groups of `terms` products, each of which is
/// one instruction. The right operand is packed for whole vectors, so tiles take no more of them
/// than there are.
Schedule chooseDotSchedule(const MatrixExtents &extents, int terms, const KernelTarget &target);

/// What one tile instruction multiplies: `rows` rows of the left operand, `groups` groups of four
/// terms, and 16 columns.
struct TileShape {
  int rows, groups;
};
/// The largest that divides both the rows of a block of tiles and the depth (in groups).
TileShape tileShape(int64_t blockRows, int64_t groups);

/// Whether such instructions are at least twice as fast at the product as vpdpbusd; `depth` as in
/// chooseDotSchedule.
bool suitsTiles(const MatrixExtents &extents);

/// A matrix product of 8-bit integers in tiles: a block of `tileRows` rows and `tileVectors` tiles'
/// columns is summed up at a time.
Schedule chooseTileSchedule(const MatrixExtents &extents, const KernelTarget &target);

/// Cycles of a block of tiles, from its sums' first term to the last, and storing them.
double tileBlockCycles(const Schedule &schedule, int64_t groups);

/// Whether a block's sums and operands fit the eight tile registers.
bool fitsTileRegisters(const Schedule &schedule);

/// Lanes (threads along the terms: columns where the terms lie along the columns, else rows),
/// elements (the other threads) and parts of a sum on a GPU; one lane: the reader sums by itself.
Schedule chooseGpuSumSchedule(llvm::ArrayRef<int> extents, int64_t terms, bool alongColumns);

/// The dimension of the largest of `extents`, which are not empty.
size_t longestDimension(llvm::ArrayRef<int> extents);

/// Bytes of shared memory that a block of a matrix product takes on a GPU: its sums and one step's
/// tiles of both operands.
int64_t sharedBytes(const Schedule &schedule);

/// A matrix product on a GPU: tiles, and parts of the depth where there are few tiles.
Schedule chooseGpuMatrixSchedule(const MatrixExtents &extents);
/// What the model is based on; only its order means something.
double gpuMatrixCost(const Schedule &schedule, const MatrixExtents &extents);
/// Sets what follows from the tile and the step: terms written out, and parts.
void settleGpuMatrix(Schedule &schedule, const MatrixExtents &extents);

/// Whole vectors along the last dimension, and nothing else: reductions that are computed by
/// themselves, before a nest's loops are known.
Schedule choosePlainSchedule(const KernelTarget &target);

} // namespace weir
