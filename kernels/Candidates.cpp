//===- Candidates.cpp - see Candidates.h -----------------------------------------------------===//
//
// The model counts, for a core with two loads and two multiply-adds a cycle: the innermost loops'
// cycles, what a tile costs besides, strips of the right operand that do not stay in L1, and the
// calls of parallel tasks. It puts candidates into an order; measurement decides.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Candidates.h"
#include "kernels/ScheduleTasks.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

namespace weir {
namespace {

using Template = LoopFacts::Template;

constexpr double l1Bytes = 32 * 1024;
/// A fork and join with cores that are awake, and what they fetch from one another; one more task.
constexpr double forkCycles = 1000, taskCycles = 50;
/// Writing one weight of a transposed copy (ChooseSchedule.cpp).
constexpr double packCycles = 3.4;

std::vector<int> divisors(int64_t n, int64_t least, int64_t most) {
  std::vector<int> result;
  for (int64_t d = std::max<int64_t>(1, least); d <= std::min(n, most); ++d)
    if (n % d == 0)
      result.push_back(static_cast<int>(d));
  return result;
}

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Tiles and tasks of other products need not divide the rows.
bool isInWholeTiles(const Schedule &s, const LoopFacts &facts) {
  return s.laneColumns || facts.kind == Template::Tiles;
}

/// Rows of a tile: those that leave little of the last one empty.
std::vector<int> tileRowsOf(const Schedule &s, const LoopFacts &facts) {
  const int64_t rows = facts.extents[1];
  if (isInWholeTiles(s, facts))
    return divisors(s.taskRows ? s.taskRows : rows, 1, 30);
  std::vector<int> found;
  for (int m = 1; m <= std::min<int64_t>(rows, 30); ++m)
    if (isRowTile(m, facts.rowDimensions, facts.lines))
      if (const RowTiles cut(m, rows, facts.rowDimensions);
          double(cut.count * m) <= 1.15 * double(rows))
        found.push_back(m);
  return found;
}

/// Lets tasks have whole tiles; 0 rows where one would have them all.
void settleTasks(Schedule &s, const LoopFacts &facts) {
  if (s.taskRows == 0 || isInWholeTiles(s, facts) ||
      !isRowTile(s.tileRows, facts.rowDimensions, facts.lines))
    return;
  const RowTiles cut(s.tileRows, facts.extents[1], facts.rowDimensions);
  const int64_t task = llvm::alignTo(s.taskRows, cut.task);
  s.taskRows = task < facts.extents[1] ? static_cast<int>(task) : 0;
}

/// Lets parts have whole blocks.
void settleParts(Schedule &s, const LoopFacts &facts) {
  s.parts = s.depthBlock ? largestDivisor(facts.extents[2] / s.depthBlock, s.parts) : 1;
}

/// Rows that tasks share.
int64_t sharedRows(const LoopFacts &facts) {
  switch (facts.kind) {
  case Template::Matrix:
  case Template::Transposed:
  case Template::Dots:
  case Template::Tiles:
    return facts.extents[1];
  case Template::Plain:
    return facts.outerRows();
  case Template::Lanes:
    return facts.extents[1];
  case Template::Copy:
    return facts.extents[2];
  case Template::Strips:
  case Template::GpuMatrix: // shared by blocks
  case Template::None:
    break;
  }
  return 1;
}

MatrixExtents extentsOf(const LoopFacts &facts) {
  return {facts.extents[1], facts.extents[0], facts.extents[2]};
}

double matrixCycles(const Schedule &s, const LoopFacts &facts) {
  const auto columns = facts.extents[0], rows = facts.extents[1], depth = facts.extents[2];
  const double m = s.tileRows;
  if (facts.kind == Template::Tiles)
    return tileBlockCycles(s, depth) * double(rows) / m *
           double(ceilDiv(columns, int64_t(s.tileVectors) * s.vectorWidth));
  if (s.laneColumns)
    return lanesCycles(s, extentsOf(facts));
  const double n = s.tileVectors, vectors = double(ceilDiv(columns, s.vectorWidth));
  const double tiles =
      std::ceil(vectors / n) * double(RowTiles(s.tileRows, rows, facts.rowDimensions).count);
  const double perTerm = std::max({n * m / 2, (n + m) / 2, 4.0}) + 0.5 / s.depthUnroll;
  double perTile = double(depth) * perTerm + 2 * n * m;
  // Its strip of the right operand comes from L2 each time if it is too long to stay.
  const double block = s.depthBlock ? s.depthBlock : double(depth);
  if (n * s.vectorWidth * block * sizeof(float) > l1Bytes * 0.8 && !s.columnsInside)
    perTile += double(depth) * n;
  if (s.depthBlock)
    perTile += double(depth) / block * 2 * n * m;
  double cycles = tiles * perTile;
  if (facts.kind == Template::Transposed)
    cycles += packCycles * double(columns) * double(depth);
  return cycles;
}

double plainCycles(const Schedule &s, const LoopFacts &facts) {
  const double vectors = double(ceilDiv(facts.extents[0], s.vectorWidth));
  double others = 1;
  for (const int64_t extent : llvm::ArrayRef(facts.extents).drop_front())
    others *= double(extent);
  const double perVector = 1 + 1.0 / s.tileVectors + 0.5 / s.depthUnroll;
  const double masked = facts.extents[0] % s.vectorWidth && s.vectorWidth > 1 ? 4 : 0;
  return others * (vectors * perVector + masked) * std::max<double>(1, double(facts.terms));
}

std::vector<int> gpuMatrixValues(int Schedule::*number, const Schedule &s) {
  if (number == &Schedule::threadColumns)
    return {4, 8, 16, 32, 64};
  if (number == &Schedule::threadRows)
    return {1, 2, 4, 8, 16, 32};
  if (number == &Schedule::tileVectors)
    return {1, 2, 3, 4};
  if (number == &Schedule::tileRows)
    return {1, 2, 4, 5, 8};
  if (number == &Schedule::depthBlock)
    return {8, 16, 32};
  if (number == &Schedule::depthUnroll)
    return {1, 2, 4, 8, 16};
  if (number == &Schedule::parts)
    return {1, 2, 4, 8, 16, 32, 64};
  return {s.*number};
}

/// The values that a number may take, in order.
std::vector<int> valuesOf(int Schedule::*number, const Schedule &s, const LoopFacts &facts,
                          const KernelTarget &target, unsigned threads) {
  const bool matrix = facts.isMatrix();
  if (facts.kind == Template::GpuMatrix)
    return gpuMatrixValues(number, s);
  if (number == &Schedule::vectorWidth) {
    std::vector<int> widths{4, 8, 16};
    if (facts.kind == Template::Plain && facts.terms == 0)
      widths.insert(widths.begin(), 1);
    llvm::erase_if(widths, [&](int width) { return width > target.vectorWidth; });
    return widths;
  }
  if (number == &Schedule::tileVectors) {
    const int64_t vectors = facts.extents.empty() ? 1 : ceilDiv(facts.extents[0], s.vectorWidth);
    if (!matrix)
      return divisors(vectors, 1, 16);
    std::vector<int> all;
    for (int n = 1; n <= std::min<int64_t>(vectors, 12); ++n)
      all.push_back(n);
    return all;
  }
  const int64_t rows = sharedRows(facts);
  if (number == &Schedule::tileRows && matrix)
    return tileRowsOf(s, facts);
  if (number == &Schedule::depthBlock && matrix) {
    std::vector<int> blocks{0};
    llvm::append_range(blocks, divisors(facts.extents[2], 16, facts.extents[2] - 1));
    return blocks;
  }
  if (number == &Schedule::depthUnroll && matrix)
    return divisors(facts.innerTerms(s), 1, 8);
  if (number == &Schedule::depthUnroll && facts.kind == Template::Plain && facts.inside > 0 &&
      facts.terms == 0)
    return divisors(facts.extents[1], 1, 16);
  if (number == &Schedule::parts && facts.kind == Template::Matrix && s.depthBlock && threads > 1)
    return divisors(facts.extents[2] / s.depthBlock, 1, mostParts);
  if (number == &Schedule::laneColumns && facts.kind == Template::Transposed)
    return {0, 2, 4, 8, 16};
  if (number == &Schedule::columnsInside && matrix)
    return {0, 1};
  if (number == &Schedule::taskRows && threads > 1) {
    if (facts.kind == Template::Lanes)
      return {0, 1};
    // From one task a core to four.
    std::vector<int> tasks{0};
    if (matrix)
      llvm::append_range(tasks, divisors(rows, ceilDiv(rows, 32), ceilDiv(rows, threads)));
    for (const int64_t count : {4 * int64_t(threads), 2 * int64_t(threads), int64_t(threads)})
      if (facts.kind != Template::Tiles)
        tasks.push_back(static_cast<int>(ceilDiv(rows, count)));
    llvm::sort(tasks);
    tasks.erase(llvm::unique(tasks), tasks.end());
    return tasks;
  }
  return {s.*number};
}

bool fits(const Schedule &schedule, const LoopFacts &facts, const KernelTarget &target) {
  llvm::Error error = checkSchedule(schedule, facts, target);
  const bool good = !error;
  llvm::consumeError(std::move(error));
  return good;
}

/// Calls `visit` for all combinations of these numbers' values.
void visitAll(Schedule schedule, llvm::ArrayRef<int Schedule::*> numbers, const LoopFacts &facts,
              const KernelTarget &target, unsigned threads,
              llvm::function_ref<void(const Schedule &)> visit) {
  if (numbers.empty())
    return visit(schedule);
  for (const int value : valuesOf(numbers.front(), schedule, facts, target, threads)) {
    schedule.*numbers.front() = value;
    visitAll(schedule, numbers.drop_front(), facts, target, threads, visit);
  }
}

/// What follows from the other numbers, as the model chooses it.
void settle(Schedule &s, const LoopFacts &facts) {
  if (facts.kind == Template::GpuMatrix)
    return settleGpuMatrix(s, extentsOf(facts));
  if (!facts.isMatrix())
    return;
  settleTasks(s, facts);
  s.depthUnroll =
      s.laneColumns == 0 && facts.kind != Template::Tiles && facts.innerTerms(s) % 2 == 0 ? 2 : 1;
  s.columnsInside = s.laneColumns == 0 &&
                    facts.extents[0] > int64_t(s.tileVectors) * s.vectorWidth &&
                    facts.extents[2] < facts.extents[1];
}

} // namespace

double estimateCycles(const Schedule &s, const LoopFacts &facts, const KernelTarget &target,
                      unsigned threads) {
  double cycles = 0;
  if (facts.kind == Template::GpuMatrix)
    return gpuMatrixCost(s, extentsOf(facts));
  if (facts.isMatrix())
    cycles = matrixCycles(s, facts);
  else if (facts.kind == Template::Plain)
    cycles = plainCycles(s, facts);
  else if (facts.kind != Template::None)
    cycles = double(facts.work()) / s.vectorWidth * (1 + 1.0 / s.tileVectors);
  // A vector that is narrower than a register wastes the rest of it.
  const int vectorsInRegister = target.vectorWidth / s.vectorWidth;
  cycles *= 1 + 0.05 * (vectorsInRegister - 1);
  const bool columns = sharesColumns(facts, s, target);
  if (!s.taskRows && !columns && s.parts <= 1)
    return cycles;
  const int64_t tasks = s.parts > 1 ? s.parts
                        : columns
                            ? ceilDiv(facts.extents[0], int64_t(s.tileVectors) * s.vectorWidth)
                            : ceilDiv(sharedRows(facts), s.taskRows);
  const int64_t turns = ceilDiv(tasks, std::max(1u, threads));
  return cycles * double(turns) / double(tasks) + forkCycles + taskCycles * double(tasks);
}

std::vector<Schedule> enumerateSchedules(const LoopFacts &facts, const KernelTarget &target,
                                         unsigned threads, size_t most) {
  if (facts.kind == Template::None || facts.kind == Template::Strips)
    return {};
  std::vector<std::pair<double, Schedule>> found;
  const auto keep = [&](Schedule schedule) {
    settle(schedule, facts);
    if (schedule == facts.chosen || !fits(schedule, facts, target))
      return;
    found.emplace_back(estimateCycles(schedule, facts, target, threads), schedule);
  };
  Schedule first;
  first.vectorWidth = target.vectorWidth;
  if (facts.kind == Template::GpuMatrix) {
    visitAll(first,
             {&Schedule::threadColumns, &Schedule::threadRows, &Schedule::tileVectors,
              &Schedule::tileRows, &Schedule::depthBlock},
             facts, target, threads, keep);
  } else if (facts.isMatrix()) {
    visitAll(
        first,
        {&Schedule::taskRows, &Schedule::tileRows, &Schedule::tileVectors, &Schedule::depthBlock},
        facts, target, threads, keep);
    if (facts.kind == Template::Transposed)
      visitAll(first, {&Schedule::taskRows, &Schedule::tileRows, &Schedule::laneColumns}, facts,
               target, threads, keep);
  } else {
    visitAll(first,
             {&Schedule::vectorWidth, &Schedule::tileVectors, &Schedule::depthUnroll,
              &Schedule::taskRows},
             facts, target, threads, keep);
  }
  llvm::sort(found, [](const auto &a, const auto &b) {
    return std::pair(a.first, a.second.text()) < std::pair(b.first, b.second.text());
  });
  std::vector<Schedule> best;
  for (const auto &[cycles, schedule] : found)
    if (best.size() < most && !llvm::is_contained(best, schedule))
      best.push_back(schedule);
  return best;
}

std::vector<Schedule> neighbours(const Schedule &schedule, const LoopFacts &facts,
                                 const KernelTarget &target, unsigned threads) {
  std::vector<Schedule> found;
  if (facts.kind == Template::None || facts.kind == Template::Strips)
    return found;
  const auto keep = [&](const Schedule &other) {
    if (other != schedule && fits(other, facts, target) && !llvm::is_contained(found, other))
      found.push_back(other);
  };
  for (const ScheduleField &field : scheduleFields()) {
    const std::vector<int> values = valuesOf(field.number, schedule, facts, target, threads);
    const auto here = llvm::lower_bound(values, schedule.*field.number) - values.begin();
    for (const auto step : {-1, 1, -2, 2}) {
      const auto place = here + step;
      if (place < 0 || place >= static_cast<ptrdiff_t>(values.size()))
        continue;
      Schedule other = schedule;
      other.*field.number = values[static_cast<size_t>(place)];
      // A number that others depend on takes them along.
      if (field.number == &Schedule::laneColumns &&
          (other.laneColumns == 0) != (schedule.laneColumns == 0)) {
        other.tileVectors = other.tileRows = other.depthUnroll = 1;
        other.depthBlock = 0;
      }
      if (facts.isMatrix() && isInWholeTiles(other, facts)) {
        if (field.number == &Schedule::taskRows)
          other.tileRows =
              largestDivisor(other.taskRows ? other.taskRows : facts.extents[1], other.tileRows);
      } else if (facts.isMatrix()) {
        settleTasks(other, facts);
      }
      if (field.number == &Schedule::depthBlock && facts.isMatrix()) {
        other.depthUnroll = largestDivisor(facts.innerTerms(other), other.depthUnroll);
        settleParts(other, facts);
      }
      // Tasks are of rows or of terms.
      if (field.number == &Schedule::taskRows)
        other.parts = 1;
      if (field.number == &Schedule::parts)
        other.taskRows = 0;
      if (field.number == &Schedule::vectorWidth && !facts.isMatrix())
        other.tileVectors =
            largestDivisor(ceilDiv(facts.extents[0], other.vectorWidth), other.tileVectors);
      keep(other);
    }
  }
  const auto rank = [&](const Schedule &s) {
    return std::pair(estimateCycles(s, facts, target, threads), s.text());
  };
  llvm::sort(found, [&](const Schedule &a, const Schedule &b) { return rank(a) < rank(b); });
  return found;
}

std::optional<Schedule> transferSchedule(const Schedule &schedule, const LoopFacts &from,
                                         const LoopFacts &to, const KernelTarget &target) {
  if (from.kind != to.kind || from.kind == Template::None || from.kind == Template::Strips ||
      from.extents.size() != to.extents.size())
    return std::nullopt;
  if (from.extents == to.extents && fits(schedule, to, target))
    return schedule;
  Schedule s = schedule;
  if (to.kind == Template::GpuMatrix) {
    settle(s, to);
    return fits(s, to, target) ? std::optional(s) : std::nullopt;
  }
  s.vectorWidth = std::min(s.vectorWidth, target.vectorWidth);
  const int64_t vectors = ceilDiv(to.extents[0], s.vectorWidth);
  if (s.taskRows) { // as many tasks, nearly
    const int64_t rows = sharedRows(to), tasks = ceilDiv(sharedRows(from), s.taskRows);
    const int64_t wanted = std::max<int64_t>(1, ceilDiv(rows, tasks));
    s.taskRows = to.isMatrix() && isInWholeTiles(s, to) ? largestDivisor(rows, wanted)
                                                        : static_cast<int>(std::min(rows, wanted));
    if (to.isMatrix() && (s.taskRows >= rows || rows / s.taskRows > 64))
      s.taskRows = 0;
  }
  if (to.isMatrix()) {
    const int64_t depth = to.extents[2];
    s.tileVectors = static_cast<int>(std::min<int64_t>(s.tileVectors, vectors));
    // Tiles that divide the rows are better, unless they are much smaller.
    const int divisor = largestDivisor(
        isInWholeTiles(s, to) && s.taskRows ? s.taskRows : to.extents[1], s.tileRows);
    if (isInWholeTiles(s, to) || 4 * divisor >= 3 * s.tileRows ||
        !isRowTile(s.tileRows, to.rowDimensions, to.lines) || s.tileRows > to.extents[1])
      s.tileRows = divisor;
    settleTasks(s, to);
    if (s.depthBlock) {
      s.depthBlock = largestDivisor(depth, s.depthBlock);
      if (s.depthBlock < 8 || s.depthBlock >= depth)
        s.depthBlock = 0;
    }
    s.depthUnroll = largestDivisor(to.innerTerms(s), s.depthUnroll);
    settleParts(s, to);
  } else {
    s.tileVectors = largestDivisor(vectors, s.tileVectors);
    if (to.inside > 0 && to.terms == 0)
      s.depthUnroll = largestDivisor(to.extents[1], s.depthUnroll);
  }
  if (!fits(s, to, target))
    return std::nullopt;
  return s;
}

} // namespace weir
