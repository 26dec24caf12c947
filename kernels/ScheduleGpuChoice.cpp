//===- ScheduleGpuChoice.cpp - tiles, lanes and parts for GPUs -------------------------------===//
//
// Without the device's own numbers: a program's kernels run on every GPU of its kind. What is
// wanted are some hundred blocks, and tiles whose operands are read as seldom as shared memory and
// registers allow.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Schedule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>

namespace weir {
namespace {

/// Blocks that keep a GPU of 40 to 130 multiprocessors busy.
constexpr int64_t wantedBlocks = 160;
/// Parts of one sum that a reader adds up.
constexpr int64_t mostParts = 64;
/// Terms of a product that are in shared memory at a time; steps of a part.
constexpr int stepTerms = 16, leastSteps = 4;
/// Products of a thread in one turn of its loop over terms: enough to hide a load from shared
/// memory, and few enough for the drivers' compilers.
constexpr int unrolledProducts = 64;

} // namespace

int64_t sharedBytes(const Schedule &schedule) {
  const int64_t rows = int64_t(schedule.threadRows) * schedule.tileRows,
                columns = int64_t(schedule.threadColumns) * schedule.tileVectors;
  return int64_t(sizeof(float)) * (rows * columns + schedule.depthBlock * (rows + 4 + columns + 4));
}

static int64_t blocksOf(const Schedule &schedule, const MatrixExtents &extents) {
  return llvm::divideCeil(extents.rows, int64_t(schedule.threadRows) * schedule.tileRows) *
         llvm::divideCeil(extents.columns, int64_t(schedule.threadColumns) * schedule.tileVectors);
}

void settleGpuMatrix(Schedule &schedule, const MatrixExtents &extents) {
  const int64_t products = int64_t(schedule.tileRows) * schedule.tileVectors;
  schedule.depthUnroll = static_cast<int>(llvm::bit_floor(static_cast<uint64_t>(
      std::clamp<int64_t>(unrolledProducts / products, 2, schedule.depthBlock))));
  const int64_t steps = llvm::divideCeil(extents.depth, int64_t(schedule.depthBlock));
  const int64_t parts =
      std::clamp<int64_t>(wantedBlocks / std::max<int64_t>(blocksOf(schedule, extents), 1), 1,
                          std::min<int64_t>(mostParts, llvm::divideCeil(steps, leastSteps)));
  // None of them empty.
  schedule.parts = static_cast<int>(llvm::divideCeil(steps, llvm::divideCeil(steps, parts)));
}

double gpuMatrixCost(const Schedule &schedule, const MatrixExtents &extents) {
  const int64_t rows = int64_t(schedule.threadRows) * schedule.tileRows,
                columns = int64_t(schedule.threadColumns) * schedule.tileVectors,
                threads = int64_t(schedule.threadRows) * schedule.threadColumns,
                blocks = blocksOf(schedule, extents);
  // Instructions of a thread for a term: products, loads of 16 bytes from shared memory, its share
  // of the copies; and for each step two barriers and the sums' way to shared memory and back.
  const double products = double(schedule.tileRows) * schedule.tileVectors;
  const double loads = 2.0 * double(llvm::divideCeil(int64_t(schedule.tileRows), 4) +
                                    llvm::divideCeil(int64_t(schedule.tileVectors), 4));
  const double copies = 3.0 * double(rows + columns) / double(threads);
  const double step = (20 + products) / schedule.depthBlock;
  // Idle multiprocessors are lost as well as threads beyond the last row or column.
  const double busy = std::min(1.0, double(blocks * schedule.parts) / double(wantedBlocks));
  return double(blocks * threads) * (products + loads + copies + step) / busy *
         (schedule.parts > 1 ? 1.1 : 1.0);
}

Schedule chooseGpuMatrixSchedule(const MatrixExtents &extents) {
  struct Tile {
    int threadColumns, threadRows, columns, rows; ///< columns and rows of a thread
  };
  // From many rows and columns to few of either.
  constexpr Tile tiles[] = {
      {16, 8, 4, 8}, {16, 16, 4, 4}, {8, 16, 4, 4}, {8, 16, 4, 8}, {16, 8, 4, 4},
      {8, 32, 3, 4}, {4, 32, 4, 4},  {4, 32, 3, 4}, {4, 32, 2, 4}, {32, 4, 4, 4},
      {32, 4, 2, 4}, {32, 4, 2, 2},  {64, 1, 2, 8}, {64, 1, 1, 8}, {64, 1, 1, 4},
      {64, 1, 1, 5}, {64, 1, 1, 2},  {64, 1, 1, 1}, {16, 8, 1, 1}, {16, 4, 1, 2},
  };
  Schedule best;
  double least = std::numeric_limits<double>::max();
  for (const Tile &tile : tiles) {
    Schedule schedule;
    schedule.vectorWidth = 1;
    schedule.depthBlock = stepTerms;
    schedule.threadColumns = tile.threadColumns;
    schedule.threadRows = tile.threadRows;
    schedule.tileVectors = tile.columns;
    schedule.tileRows = tile.rows;
    settleGpuMatrix(schedule, extents);
    if (const double cost = gpuMatrixCost(schedule, extents); cost < least) {
      least = cost;
      best = schedule;
    }
  }
  return best;
}

size_t longestDimension(llvm::ArrayRef<int> extents) {
  return static_cast<size_t>(llvm::max_element(extents) - extents.begin());
}

Schedule chooseGpuSumSchedule(llvm::ArrayRef<int> extents, int64_t terms, bool alongColumns) {
  constexpr int64_t mostTermsOfThread = 32, mostThreads = 256, warp = 32, fillsDevice = 1 << 15;
  Schedule schedule;
  schedule.vectorWidth = 1;
  schedule.threadColumns = schedule.threadRows = 1;
  int64_t elements = 1;
  for (const int extent : extents)
    elements *= extent;
  if (terms <= mostTermsOfThread * (alongColumns ? 2 : 1) ||
      (!alongColumns && elements >= fillsDevice && terms <= mostThreads))
    return schedule;
  const int64_t longest = extents.empty() ? 1 : extents[longestDimension(extents)];
  const auto lanesFor = [&](int64_t most) {
    return static_cast<int64_t>(
        llvm::bit_floor(static_cast<uint64_t>(std::clamp<int64_t>(terms / 4, 2, most))));
  };
  int64_t lanes, together;
  if (alongColumns) {
    lanes = std::max(warp, lanesFor(mostThreads));
    together = std::min(longest, mostThreads / lanes);
    schedule.threadColumns = static_cast<int>(lanes);
    schedule.threadRows = static_cast<int>(together);
  } else {
    together = std::min(longest, warp);
    lanes = lanesFor(mostThreads / together);
    schedule.threadColumns = static_cast<int>(together);
    schedule.threadRows = static_cast<int>(lanes);
  }
  const int64_t blocks = llvm::divideCeil(longest, together) * (elements / longest);
  schedule.parts = static_cast<int>(std::clamp<int64_t>(
      wantedBlocks / blocks, 1, std::clamp<int64_t>(terms / (lanes * 8), 1, mostParts)));
  return schedule;
}

} // namespace weir
