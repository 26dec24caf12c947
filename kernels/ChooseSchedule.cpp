//===- ChooseSchedule.cpp - the models that choose schedules of products ---------------------===//

#include "ir/RegisterTile.h"
#include "kernels/Schedule.h"
#include "kernels/ScheduleTasks.h"

#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>
#include <numeric>

namespace weir {
namespace {

/// Of the 32 KB of L1, for the right operand: whole up to `wholeBytes`, else in blocks.
constexpr int64_t wholeBytes = 26 * 1024, blockBytes = 18 * 1024;
/// An operand beyond half of L2, which another is in as well.
constexpr int64_t leastFarBytes = 512 * 1024;
/// Terms of a block where both operands are large: 64 rows of 4 vectors are half of L1, and adding
/// a tile's sums to those in memory takes as long as about 4 terms.
constexpr int64_t leastBlockTerms = 16, mostBlockTerms = 64;
/// Likewise of a gradient that reads an image through windows: few boxes of its positions are
/// smaller, and the windows overlap in L1.
constexpr int64_t mostWindowTerms = 192;
/// Rows of a register tile that reads no windows.
constexpr int64_t mostTileRows = 16;
/// Terms of a window's innermost loop that are written out whole: a loop of 7 costs 5 %.
constexpr int64_t mostWritten = 8;

/// Half a cycle for the loop itself, so that of equal tiles the larger is taken.
double cyclesPerTerm(int64_t vectors, int64_t rows) {
  return registerTileCycles(vectors, rows) + 0.5;
}

/// Registers of a tile's innermost loop: sums, the vectors of one operand and a broadcast of the
/// other (or the reverse), and what the ops behind it hold in registers all the time. Where they
/// are too few, sums are spilled for each term: weight gradients of 5 terms took twice the time.
int64_t registersOf(int64_t vectors, int64_t rows, int64_t constants) {
  return rows * vectors + std::min(rows, vectors) + 1 + constants;
}

/// A weight gradient's row in a tile that does not take whole rows: the weights and an optimizer's
/// state come from beyond L2, and are fetched ahead only where one tile goes on where another
/// ended. 960x5x160 with sgd behind it takes 87 us in tiles of 12 x 2 vectors, 47 in 5 x 5, 23 in 2
/// x 10 and 28 in 1 x 3; 320x5x1280 129 in 4 x 5 and 84 in 1 x 5 (Zen 5, one thread, November
/// 2026).
constexpr double rowOfTileCycles = 50;

/// A vector of weights that come from beyond L1 and are used once.
constexpr double streamedCycles = 2;

/// Adding up the lanes of a vector.
constexpr double laneSumCycles = 4;

constexpr int64_t lineBytes = 64;

/// Whether a strip of `lines` cache lines in each of `terms` rows stays in L1 while tiles of rows
/// go over it. A pitch of 16 lines leaves three quarters of the 64 sets unused.
bool staysInL1(int64_t terms, int64_t lines, int64_t pitchBytes) {
  constexpr int64_t sets = 64, ways = 7; // of 8 to 12
  int64_t used = sets;
  if (pitchBytes % lineBytes == 0) {
    const int64_t step = std::gcd(pitchBytes / lineBytes, sets);
    used = sets / step * std::min(lines, step);
  }
  return terms * lines <= used * ways;
}

int64_t rightBytes(const MatrixExtents &extents) {
  return extents.columns * extents.depth * int64_t(sizeof(float));
}

int64_t linesOf(int64_t vectors, const KernelTarget &target) {
  return llvm::divideCeil(vectors * target.vectorWidth * int64_t(sizeof(float)), lineBytes);
}

/// As cyclesPerTerm, of a product whose strip of the right operand comes from L2 again for each
/// tile of rows, a line every two cycles (whole rows follow each other, and come sooner):
/// 729x576x256 takes 1280 us in tiles of 3 x 8 vectors and 826 in 9 x 2, 4x576x256 7.8 us in 2 x 8
/// and 4.9 in 4 x 4; but 2916x144x64 206 us in 6 x 4 and 219 in 12 x 2 (Zen 5, one thread, November
/// 2026).
double cyclesPerStripTerm(const MatrixExtents &extents, int64_t vectors, int64_t rows,
                          const KernelTarget &target) {
  const double cycles = cyclesPerTerm(vectors, rows);
  const int64_t lines = linesOf(vectors, target);
  if (rows >= extents.rows ||
      staysInL1(extents.depth, lines, extents.columns * int64_t(sizeof(float))))
    return cycles;
  const bool wholeRows = vectors * target.vectorWidth >= extents.columns;
  return std::max(cycles, double(lines) * (wholeRows ? 1.6 : 2.1));
}

/// The largest divisor of `depth` up to `limit` that is a box of the dimensions.
int64_t largestBlock(int64_t depth, int64_t limit, llvm::ArrayRef<int64_t> dimensions) {
  for (int64_t block = std::min(depth, limit); block > 1; --block)
    if (depth % block == 0 && isBox(block, dimensions))
      return block;
  return 1;
}

} // namespace

/// Shares a product whose rows make no tasks of their own: by tiles of columns where there are
/// several, else by small tasks. Of a layer, whole sums on several cores beat blocks of terms on
/// one, and are no slower on one: 49x960x160 takes 77 us in blocks of 24 terms and 63 in whole
/// sums, 169x512x64 44 and 42 (Zen 5, one thread, November 2026).
static void shareElse(Schedule &schedule, const MatrixExtents &extents, LargeOperand large) {
  Schedule whole = schedule;
  whole.depthBlock = 0;
  if (schedule.depthBlock && large != LargeOperand::Right)
    return;
  if (sharesColumns(whole, extents)) {
    schedule = whole;
    return;
  }
  const RowTiles cut(schedule.tileRows, extents.rows, extents.rowDimensions);
  schedule.taskRows = taskRowsOf(extents.rows, cut.task, leastTaskRowsElse);
  if (!schedule.taskRows)
    schedule.taskRows = unevenTaskRows(extents.rows, cut.task, leastTaskRowsElse);
  if (schedule.taskRows == schedule.tileRows)
    schedule.depthBlock = 0;
}

/// The register tile, of which the model takes least cycles.
static void chooseRegisterTile(Schedule &schedule, const MatrixExtents &extents,
                               const KernelTarget &target, LargeOperand large) {
  const int64_t vectors = llvm::divideCeil(extents.columns, target.vectorWidth);
  const bool scatters = large == LargeOperand::Both;
  const bool windows = !extents.rowDimensions.empty();
  // Blocks of positions are long, and a tile's strip of the right operand has to stay in L1: 576 x
  // 288 x 256 through windows of 3x3x64 takes 412 us in tiles of 8 x 2 vectors, 520 in 4 x 4, 859
  // in 2 x 8, and 448 as a matrix in 12 x 2 (Zen 5, one thread, November 2026).
  const int64_t mostVectors = !scatters ? 8 : windows ? 2 : 12;
  const int64_t mostRows = windows ? mostWindowRows : mostTileRows;
  // Of 16 registers none can be spared: 16x64x24 with relu behind it takes 0.38 us in tiles of 4 x
  // 3 (AVX2) and 0.63 in 8 x 1.
  const int64_t constants = target.vectorRegisters > 16 ? extents.constants : 0;
  // One row's weights come from beyond L1, and the columns that its last tile has too many as well:
  // 1x960x320 takes two cores 5.2 us in tiles of 5 vectors and 6.9 in tiles of 7.
  const bool streams =
      large == LargeOperand::Right && extents.rows == 1 && rightBytes(extents) > wholeBytes;
  double best = std::numeric_limits<double>::max();
  for (int64_t rows = 1; rows <= std::min(extents.rows, mostRows); ++rows) {
    if (!isRowTile(rows, extents.rowDimensions, extents.lines))
      continue;
    const RowTiles cut(rows, extents.rows, extents.rowDimensions);
    for (int64_t wide = 1; wide <= std::min<int64_t>(vectors, mostVectors); ++wide) {
      if (registersOf(wide, rows, constants) > target.vectorRegisters)
        continue;
      const int64_t tiles = int64_t(llvm::divideCeil(vectors, wide)) * cut.count;
      const double ofTile = large == LargeOperand::Right
                                ? cyclesPerStripTerm(extents, wide, rows, target)
                                : cyclesPerTerm(wide, rows);
      const double perTerm = std::max(ofTile, streams ? streamedCycles * double(wide) + 0.5 : 0);
      double cycles = double(tiles * extents.depth) * perTerm * (cut.whole ? 1 : cutTileCost);
      if (scatters && rows > 1 && wide < vectors)
        cycles += double(tiles * rows) * rowOfTileCycles;
      // Of equals, the wider tile: it reads whole rows.
      if (cycles < best || (cycles == best && wide > schedule.tileVectors)) {
        best = cycles;
        schedule.tileVectors = static_cast<int>(wide);
        schedule.tileRows = static_cast<int>(rows);
      }
    }
  }
}

/// Terms that a tile's sums take before the next tile's turn; all where that is 0.
static int chooseDepthBlock(const Schedule &schedule, const MatrixExtents &extents,
                            const KernelTarget &target, LargeOperand large) {
  const bool windows = !extents.rowDimensions.empty();
  // A tile's strips of both operands stay in L1 while the tiles of a block go over them.
  if (large == LargeOperand::Both && extents.depth > 2 * mostBlockTerms) {
    const int64_t block = largestBlock(extents.depth, windows ? mostWindowTerms : mostBlockTerms,
                                       extents.termDimensions);
    return block >= leastBlockTerms && block < extents.depth ? static_cast<int>(block) : 0;
  }
  // Flat tiles that go over the same weights again find them in L1, block by block: 784x80 at batch
  // 32 reaches 137 GFLOP/s of 148 so, 103 without (Xeon at 2.5 GHz, one thread, November 2026). Not
  // so tiles of which a line lasts for some cycles: 49x960x160 takes 62.3 us in blocks of 24 terms
  // and 56.8 in whole sums, 729x256x48 92.1 and 75.9, for all their sums go to L2 and back. Blocks
  // of few terms cost more than they save: 20x96x576 takes 21.0 us in whole sums and 27.6 us in
  // blocks of 8 terms, 20x64x384 9.7 and 13.7 us (Zen 5, one thread, found by `weir tune`).
  const int64_t taskRows = schedule.taskRows ? schedule.taskRows : extents.rows;
  const bool isFlat = double(linesOf(schedule.tileVectors, target)) >
                      0.4 * cyclesPerTerm(schedule.tileVectors, schedule.tileRows);
  const int64_t rowBytes = extents.columns * int64_t(sizeof(float));
  if (large != LargeOperand::Right || windows || taskRows <= schedule.tileRows || !isFlat ||
      taskRows * rowBytes > wholeBytes || rightBytes(extents) <= wholeBytes)
    return 0;
  const int block = largestDivisor(extents.depth, blockBytes / rowBytes);
  return block >= leastBlockTerms ? block : 0;
}

/// Parts of a weight gradient's terms for tasks of their own: where the sums of one stay in L1, and
/// its rows make no tasks or each task of rows would fetch the right operand from beyond L2.
static int chooseParts(const Schedule &schedule, const MatrixExtents &extents) {
  const int64_t sums = extents.rows * extents.columns * int64_t(sizeof(float));
  const bool isFar = rightBytes(extents) > leastFarBytes;
  if (!schedule.depthBlock || sums > wholeBytes || (schedule.taskRows && !isFar))
    return 1;
  return largestDivisor(extents.depth / schedule.depthBlock, mostParts);
}

Schedule chooseMatrixSchedule(const MatrixExtents &extents, const KernelTarget &target,
                              LargeOperand large) {
  Schedule schedule;
  schedule.vectorWidth = target.vectorWidth;
  chooseRegisterTile(schedule, extents, target, large);
  const bool isWorthTasks = isWorthSharing(
      extents, 1, large == LargeOperand::Right ? leastSharedNanoseconds : leastSharedOfGradient);
  if (isWorthTasks)
    schedule.taskRows = manyTaskRows(
        extents.rows, RowTiles(schedule.tileRows, extents.rows, extents.rowDimensions).task);
  schedule.depthBlock = chooseDepthBlock(schedule, extents, target, large);
  if (large == LargeOperand::Both && isWorthTasks)
    schedule.parts = chooseParts(schedule, extents);
  if (schedule.parts > 1)
    schedule.taskRows = 0;

  const bool windows = !extents.rowDimensions.empty();
  const int64_t depth = schedule.depthBlock ? schedule.depthBlock : extents.depth;
  const int64_t inner = innerTerms(depth, extents.termDimensions);
  schedule.depthUnroll = windows && inner <= mostWritten ? static_cast<int>(inner)
                         : inner % 2 == 0                ? 2
                                                         : 1;
  // What is the larger of the right operand's and the result's extents is walked through once; but
  // not weights that do not stay in L1: 729x384x64 takes 170 us so, and 140 strip by strip.
  const bool goesOverWeights = large == LargeOperand::Right && rightBytes(extents) > wholeBytes;
  schedule.columnsInside = extents.columns > int64_t(schedule.tileVectors) * schedule.vectorWidth &&
                           extents.depth < extents.rows && !goesOverWeights;
  if (isWorthTasks && !schedule.taskRows && schedule.parts == 1)
    shareElse(schedule, extents, large);
  return schedule;
}

Schedule chooseDotSchedule(const MatrixExtents &extents, int terms, const KernelTarget &target) {
  Schedule schedule;
  schedule.vectorWidth = target.vectorWidth;
  const int64_t vectors = llvm::divideCeil(extents.columns, target.vectorWidth);
  // 729x288x128 (tiles of 9 x 2 vectors, VNNI) reaches 897 GOP/s of 1,029, 49x960x320 (7 x 2) 616:
  // one thread of a Zen 5, November 2026; docs/integer-kernels.md has more.
  // vpdpbusd adds as well; with pairs it takes vpmaddwd and vpaddd, and a register between them.
  const bool adds = terms == 4;
  const int64_t spare = adds ? 1 : 2;
  double best = std::numeric_limits<double>::max();
  const int64_t mostRows = extents.rowDimensions.empty() ? mostTileRows : mostWindowRows;
  for (int64_t rows = 1; rows <= std::min(extents.rows, mostRows); ++rows) {
    if (!isRowTile(rows, extents.rowDimensions, extents.lines))
      continue;
    const RowTiles cut(rows, extents.rows, extents.rowDimensions);
    for (int64_t wide = 1; wide <= std::min<int64_t>(vectors, 8); ++wide) {
      if (vectors % wide != 0 || rows * wide + wide + spare > target.vectorRegisters)
        continue;
      const int64_t tiles = vectors / wide * cut.count;
      const double cycles =
          double(tiles) * (cut.whole ? 1 : cutTileCost) *
          std::max(cyclesPerTerm(wide, rows), adds ? 0 : double(wide * rows) + 0.5);
      if (cycles < best || (cycles == best && wide > schedule.tileVectors)) {
        best = cycles;
        schedule.tileVectors = static_cast<int>(wide);
        schedule.tileRows = static_cast<int>(rows);
      }
    }
  }
  const RowTiles cut(schedule.tileRows, extents.rows, extents.rowDimensions);
  if (isWorthSharing(extents, terms))
    schedule.taskRows = manyTaskRows(extents.rows, cut.task);
  schedule.columnsInside = extents.columns > int64_t(schedule.tileVectors) * schedule.vectorWidth &&
                           extents.depth * terms < extents.rows;
  return schedule;
}

TileShape tileShape(int64_t blockRows, int64_t groups) {
  constexpr int64_t mostRows = 16, mostGroups = 16;
  return {largestDivisor(blockRows, mostRows), largestDivisor(groups, mostGroups)};
}

// tdpbusd takes 16 cycles whatever it multiplies, vpdpbusd half a cycle for one row and one group
// (Intel's optimization manual, the chapters on AMX and VNNI).
bool suitsTiles(const MatrixExtents &extents) {
  const TileShape shape = tileShape(extents.rows, extents.depth);
  return shape.rows * shape.groups >= 64;
}

// By Intel's manual too, for no machine at hand has them: a product every 16 cycles whose sums are
// there after 52, a tile loaded every 8 cycles and stored every 16.
double tileBlockCycles(const Schedule &schedule, int64_t groups) {
  const TileShape shape = tileShape(schedule.tileRows, groups);
  const int wide = schedule.tileVectors, high = schedule.tileRows / shape.rows;
  const double steps = double(groups) / shape.groups;
  return steps * std::max({16.0 * high * wide, 8.0 * (high + wide), 52.0}) + 16.0 * high * wide;
}

bool fitsTileRegisters(const Schedule &schedule) {
  const int wide = schedule.tileVectors,
            high = schedule.tileRows / tileShape(schedule.tileRows, 1).rows;
  return high * wide + high + wide <= 8;
}

Schedule chooseTileSchedule(const MatrixExtents &extents, const KernelTarget &target) {
  Schedule schedule;
  schedule.vectorWidth = target.vectorWidth;
  const int64_t vectors = llvm::divideCeil(extents.columns, target.vectorWidth);
  double best = std::numeric_limits<double>::max();
  for (int64_t rows = 1; rows <= std::min<int64_t>(extents.rows, 48); ++rows)
    for (int64_t wide = 1; wide <= std::min<int64_t>(vectors, 3); ++wide) {
      Schedule other = schedule;
      other.tileRows = static_cast<int>(rows);
      other.tileVectors = static_cast<int>(wide);
      if (extents.rows % rows != 0 || vectors % wide != 0 || !fitsTileRegisters(other))
        continue;
      const int64_t blocks = vectors / wide * (extents.rows / rows);
      if (const double cycles = double(blocks) * tileBlockCycles(other, extents.depth);
          cycles < best) {
        best = cycles;
        schedule = other;
      }
    }
  if (isWorthSharing(extents, 4))
    schedule.taskRows = taskRowsOf(extents.rows, schedule.tileRows);
  schedule.columnsInside = extents.columns > int64_t(schedule.tileVectors) * schedule.vectorWidth &&
                           extents.depth * 4 < extents.rows;
  return schedule;
}

double lanesCycles(const Schedule &schedule, const MatrixExtents &extents) {
  const int64_t rows = schedule.tileRows, wide = schedule.laneColumns;
  const auto vectors = double(llvm::divideCeil(extents.columns, schedule.vectorWidth));
  const double tiles =
      double(extents.rows) / double(rows) * vectors * schedule.vectorWidth / double(wide);
  // The right operand comes from L2 again for each tile of rows where it does not stay in L1.
  const bool isLarge = extents.columns * extents.depth * int64_t(sizeof(float)) > wholeBytes;
  const double perVector = cyclesPerTerm(wide, rows) + (isLarge ? double(wide) : 0);
  return tiles * (double(extents.depth) / schedule.vectorWidth * perVector +
                  double(rows * wide) * laneSumCycles);
}

Schedule chooseTransposedSchedule(const MatrixExtents &extents, const KernelTarget &target) {
  Schedule schedule = chooseMatrixSchedule(extents, target, LargeOperand::None);
  // Transposing takes 3.4 cycles a weight, adding lanes up about 4 cycles a result: 4x256x576 took
  // 205 us by way of a copy (Xeon at 2.5 GHz, one thread, November 2026).
  const bool fewRows = 4 * extents.rows < 3 * extents.depth;
  if (!fewRows || extents.depth % target.vectorWidth != 0)
    return schedule;
  schedule.tileVectors = 1;
  schedule.depthUnroll = 1;
  schedule.columnsInside = 0;
  // Lanes are added up in whole tiles of whole tasks.
  if (extents.rows % schedule.tileRows != 0 ||
      (schedule.taskRows && extents.rows % schedule.taskRows != 0))
    schedule.taskRows = schedule.taskRows ? taskRowsOf(extents.rows, 1) : 0;
  const int64_t taskRows = schedule.taskRows ? schedule.taskRows : extents.rows;
  const int mostSums = 3 * target.vectorRegisters / 4; // the others: operands
  Schedule best = schedule;
  double least = std::numeric_limits<double>::max();
  for (int wide = target.vectorWidth; wide >= 4; wide /= 2)
    for (int rows = 1; rows <= taskRows; ++rows) {
      if (taskRows % rows != 0 || rows * wide > mostSums)
        continue;
      schedule.laneColumns = wide;
      schedule.tileRows = rows;
      if (const double cycles = lanesCycles(schedule, extents); cycles < least) {
        least = cycles;
        best = schedule;
      }
    }
  return best;
}

Schedule choosePlainSchedule(const KernelTarget &target) {
  Schedule schedule;
  schedule.vectorWidth = target.vectorWidth;
  return schedule;
}

} // namespace weir
