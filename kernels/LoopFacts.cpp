//===- LoopFacts.cpp - see LoopFacts.h -------------------------------------------------------===//
//
// The models of the plain templates, and every template's rules.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/LoopFacts.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

namespace weir {
namespace {

using Template = LoopFacts::Template;

/// Elements that a window's element counts as, whose taps are written out.
constexpr int64_t elementsOfWindow = 4;
/// Beyond these a nest's code is longer than what it does.
constexpr int mostTileVectors = 16, mostUnrolled = 16;

llvm::Error broken(const Schedule &schedule, const LoopFacts &facts, const llvm::Twine &rule) {
  return llvm::createStringError("schedule '" + schedule.text() + "' does not fit '" +
                                 facts.text() + "': " + rule);
}

bool divides(int64_t divisor, int64_t n) { return divisor > 0 && n % divisor == 0; }

/// Positions of a row that are written out, so that no tap asks whether a position sees it: the
/// whole row, or the most that divide it in steps of `phases`. An input's gradient of 5x14x14x96
/// through 3x3 taps at stride 2 takes 3.6 us so, 27.9 us in a loop; that of a pool with 3x3 taps of
/// 4x13x13x64 3.1 and 11.8 us (Zen 5, one thread, November 2026).
int writtenOut(int64_t row, int64_t phases) {
  if (row <= mostUnrolled)
    return static_cast<int>(row);
  for (int64_t count = mostUnrolled; count > 1; --count)
    if (row % count == 0 && count % phases == 0)
      return static_cast<int>(count);
  return 1;
}

/// The rule that is broken by a matrix product's numbers; empty if none is.
std::string brokenMatrixRule(const Schedule &s, const LoopFacts &facts,
                             const KernelTarget &target) {
  const int64_t columns = facts.extents[0], rows = facts.extents[1], depth = facts.extents[2];
  if (s.tileRows < 1 || s.tileRows > rows)
    return "a tile ('m') has no more rows than there are";
  if (!isRowTile(s.tileRows, facts.rowDimensions, facts.lines) ||
      (s.depthBlock && !isBox(s.depthBlock, facts.termDimensions)))
    return "of windows, tiles of rows ('m') and blocks of terms ('k') are boxes, or tiles pieces "
           "of "
           "a line";
  const RowTiles cut(s.tileRows, rows, facts.rowDimensions);
  if (cut.pieces && s.depthBlock)
    return "tiles that are pieces of a line ('m') have whole sums ('k')";
  if (s.taskRows < 0 || s.taskRows >= rows || s.taskRows % cut.task != 0)
    return "a task ('p') has whole tiles ('m') or lines, and fewer rows than there are";
  if ((s.laneColumns || facts.kind == Template::Tiles) &&
      !(cut.whole && (!s.taskRows || divides(s.taskRows, rows))))
    return "of lanes and of AMX tiles, tiles ('m') and tasks ('p') divide the rows";
  if (s.depthUnroll < 1 || s.depthUnroll > mostUnrolled)
    return "up to 16 terms are written out ('u')";
  if (s.laneColumns) {
    if (facts.kind != Template::Transposed)
      return "lanes ('l') are for a right operand along the terms";
    if (!divides(s.vectorWidth, depth) || !divides(s.laneColumns, s.vectorWidth))
      return "lanes ('l') expect whole vectors of terms, and to divide a vector";
    if (s.tileVectors != 1 || s.depthBlock || s.depthUnroll != 1)
      return "lanes ('l') have one vector of columns ('n') and whole sums";
    if (s.laneColumns * s.tileRows > target.vectorRegisters)
      return "the sums of a tile of lanes stay in registers";
    return "";
  }
  const int64_t vectors = llvm::divideCeil(columns, s.vectorWidth);
  if (facts.kind == Template::Tiles) {
    if (s.vectorWidth != target.vectorWidth || s.depthBlock || s.depthUnroll != 1)
      return "tiles have 16 columns ('v') and whole sums ('k', 'u')";
    if (!divides(s.tileVectors, vectors) || !fitsTileRegisters(s))
      return "a block of tiles ('m', 'n') divides the vectors of a row and fits eight registers";
    return "";
  }
  if (s.tileVectors < 1 || s.tileVectors > vectors)
    return "a tile ('n') is no wider than a row";
  // Vectors that are narrower than a register still take a whole one.
  const int kept =
      facts.kind == Template::Dots ? s.tileVectors : std::min(s.tileRows, s.tileVectors);
  if (s.tileRows * s.tileVectors + kept + 1 > target.vectorRegisters)
    return "a tile's sums and operands stay in registers";
  if (facts.kind == Template::Dots && (s.depthBlock || !divides(s.tileVectors, vectors)))
    return "sums of integers stay in registers, and a tile's vectors ('n') divide those of a row";
  if (s.depthBlock && (!divides(s.depthBlock, depth) || s.depthBlock >= depth))
    return "the terms of a block ('k') divide the depth";
  if (!divides(s.depthUnroll, facts.innerTerms(s)))
    return "the terms written out ('u') divide those of a block";
  if (s.parts != 1 && (!s.depthBlock || s.taskRows || !divides(s.parts, depth / s.depthBlock)))
    return "parts ('s') divide the blocks of the depth ('k'), and are the only tasks";
  return "";
}

std::string brokenGpuMatrixRule(const Schedule &s, const LoopFacts &facts) {
  constexpr int64_t mostThreads = 1024, mostSharedBytes = 48 * 1024, mostProducts = 64;
  const int64_t threads = int64_t(s.threadColumns) * s.threadRows;
  if (s.vectorWidth != 1 || s.laneColumns || s.columnsInside || s.taskRows)
    return "a number that this template has no use for";
  if (s.threadColumns < 1 || s.threadRows < 1 || threads > mostThreads)
    return "a block has from 1 to 1024 threads ('x', 'y')";
  if (s.tileVectors < 1 || s.tileRows < 1 || int64_t(s.tileVectors) * s.tileRows > mostProducts)
    return "a thread's tile ('n', 'm') has from 1 to 64 sums";
  if (s.depthBlock < 1 || !divides(s.depthUnroll, s.depthBlock))
    return "the terms written out ('u') divide those of a step ('k')";
  if (sharedBytes(s) > mostSharedBytes)
    return "a block's sums and operands fit 48 KB of shared memory";
  const int64_t steps = llvm::divideCeil(facts.extents[2], int64_t(s.depthBlock)), parts = s.parts;
  if (parts < 1 || parts > steps ||
      int64_t(llvm::divideCeil(steps, int64_t(llvm::divideCeil(steps, parts)))) != parts)
    return "no part ('s') of the depth is empty";
  return "";
}

std::string brokenPlainRule(const Schedule &s, const LoopFacts &facts) {
  if (s.tileVectors < 1 || s.tileVectors > mostTileVectors ||
      !divides(s.tileVectors, llvm::divideCeil(facts.extents[0], s.vectorWidth)))
    return "the vectors of a tile ('n') divide those of a row";
  if (facts.terms && s.vectorWidth == 1)
    return "sums are taken in vectors";
  if (facts.inside && s.tileVectors != 1)
    return "windows take one vector of columns ('n') at a time";
  const int64_t positions = facts.inside && !facts.terms ? facts.extents[1] : 1;
  if (s.depthUnroll > mostUnrolled || !divides(s.depthUnroll, positions))
    return "the positions written out ('u') divide a row of a window's result";
  if (s.taskRows < 0 || s.taskRows > facts.outerRows())
    return "a task ('p') has no more rows than there are";
  return "";
}

std::string brokenRule(const Schedule &s, const LoopFacts &facts, const KernelTarget &target) {
  if (facts.kind == Template::None)
    return s == facts.chosen ? "" : "there are no loops";
  if (facts.kind == Template::Strips)
    return s == facts.chosen ? "" : "'fuse-strips' has chosen the strips, and the tiles follow";
  if (!llvm::isPowerOf2_64(static_cast<uint64_t>(std::max(0, s.vectorWidth))) ||
      s.vectorWidth > target.vectorWidth)
    return "a vector ('v') is a power of two, and at most the target's";
  // What a template has no use for must not make two schedules of one.
  if (facts.kind == Template::GpuMatrix)
    return brokenGpuMatrixRule(s, facts);
  if (s.threadColumns || s.threadRows)
    return "a block's threads are a GPU's";
  if (s.parts != 1 && facts.kind != Template::Matrix)
    return "parts ('s') are of a matrix product's terms";
  const bool matrix = facts.isMatrix(), plain = facts.kind == Template::Plain;
  const Schedule none;
  if (!matrix && (s.tileRows != none.tileRows || s.depthBlock != none.depthBlock ||
                  s.laneColumns != none.laneColumns || s.columnsInside != none.columnsInside ||
                  (!plain && s.depthUnroll != none.depthUnroll)))
    return "a number that this template has no use for";
  if (s.columnsInside < 0 || s.columnsInside > 1)
    return "the inner loop ('o') is that over rows or columns";
  switch (facts.kind) {
  case Template::Matrix:
  case Template::Transposed:
  case Template::Dots:
  case Template::Tiles:
    return brokenMatrixRule(s, facts, target);
  case Template::Plain:
    return brokenPlainRule(s, facts);
  case Template::Lanes:
    if (s.tileVectors > mostTileVectors ||
        !divides(s.tileVectors, llvm::divideCeil(facts.extents[0], s.vectorWidth)))
      return "the vectors of a tile ('n') divide the lanes";
    return s.taskRows >= 0 && s.taskRows <= (facts.extents[1] > 1)
               ? ""
               : "a task ('p') is one block, where there are several";
  default:
    if (s.tileVectors != 1)
      return "a number that this template has no use for";
    return s.taskRows >= 0 && s.taskRows < facts.extents[2] + (facts.extents[2] == 1)
               ? ""
               : "a task ('p') has fewer of the outer dimensions than there are";
  }
}

} // namespace

static constexpr llvm::StringLiteral templateNames[] = {"none",   "matrix",    "transposed", "dots",
                                                        "tiles",  "plain",     "lanes",      "copy",
                                                        "strips", "gpu-matrix"};

llvm::StringRef templateName(Template kind) { return templateNames[static_cast<size_t>(kind)]; }

std::optional<Template> findTemplate(llvm::StringRef name) {
  for (auto [i, known] : llvm::enumerate(templateNames))
    if (known == name)
      return static_cast<Template>(i);
  return std::nullopt;
}

std::string LoopFacts::text() const {
  std::string text = templateName(kind).str();
  for (auto [i, extent] : llvm::enumerate(extents))
    text += (i ? "x" : " ") + std::to_string(extent);
  return text + (terms && !isProduct() ? " of " + std::to_string(terms) : "");
}

int64_t LoopFacts::work() const {
  int64_t values = 1;
  for (const int64_t extent : extents)
    values *= extent;
  return isProduct() ? values : values * std::max<int64_t>(terms, 1);
}

int64_t LoopFacts::innerTerms(const Schedule &schedule) const {
  return weir::innerTerms(schedule.depthBlock ? schedule.depthBlock : extents[2], termDimensions);
}

int64_t LoopFacts::outerRows() const {
  int64_t rows = 1;
  for (const int64_t extent : llvm::ArrayRef(extents).drop_front(
           std::min<size_t>(extents.size(), static_cast<size_t>(inside) + 1)))
    rows *= extent;
  return rows;
}

llvm::Error checkSchedule(const Schedule &schedule, const LoopFacts &facts,
                          const KernelTarget &target) {
  const std::string rule = brokenRule(schedule, facts, target);
  return rule.empty() ? llvm::Error::success() : broken(schedule, facts, rule);
}

bool sharesColumns(const LoopFacts &facts, const Schedule &schedule, const KernelTarget &target) {
  const bool dots = facts.kind == Template::Dots;
  if (!dots && facts.kind != Template::Matrix && facts.kind != Template::Transposed)
    return false;
  return sharesColumns(schedule, {facts.extents[1], facts.extents[0], facts.extents[2]},
                       dots ? target.dotTerms : 1);
}

LoopFacts matrixFacts(const MatrixExtents &extents, const KernelTarget &target,
                      LargeOperand large) {
  LoopFacts facts;
  facts.kind = Template::Matrix;
  facts.extents = {extents.columns, extents.rows, extents.depth};
  facts.rowDimensions = extents.rowDimensions;
  facts.termDimensions = extents.termDimensions;
  facts.lines = extents.lines;
  facts.terms = extents.depth;
  if (target.isGpu()) {
    facts.kind = Template::GpuMatrix;
    facts.chosen = chooseGpuMatrixSchedule(extents);
  } else {
    facts.chosen = chooseMatrixSchedule(extents, target, large);
  }
  return facts;
}

LoopFacts transposedFacts(const MatrixExtents &extents, const KernelTarget &target) {
  LoopFacts facts = matrixFacts(extents, target, LargeOperand::None);
  if (target.isGpu())
    return facts;
  facts.kind = Template::Transposed;
  facts.chosen = chooseTransposedSchedule(extents, target);
  return facts;
}

LoopFacts dotFacts(const MatrixExtents &extents, int terms, const KernelTarget &target) {
  LoopFacts facts = matrixFacts(extents, target, LargeOperand::None);
  if (target.tiles && suitsTiles(extents)) {
    facts.kind = Template::Tiles;
    facts.chosen = chooseTileSchedule(extents, target);
    return facts;
  }
  facts.kind = Template::Dots;
  facts.chosen = chooseDotSchedule(extents, terms, target);
  return facts;
}

LoopFacts plainFacts(llvm::ArrayRef<int> extents, int64_t inside, int64_t terms,
                     const KernelTarget &target, int64_t phases) {
  LoopFacts facts;
  if (extents.empty())
    return facts;
  facts.kind = Template::Plain;
  facts.extents.assign(extents.begin(), extents.end());
  facts.inside = inside;
  facts.terms = terms;
  Schedule &schedule = facts.chosen;
  schedule.vectorWidth = target.vectorWidth;
  if (extents.size() > 2 && terms == 0 && extents[0] * 4 <= target.vectorWidth)
    schedule.vectorWidth = 1; // a few channels: one value after the other beats masked vectors
  const int vectors = (extents[0] + schedule.vectorWidth - 1) / schedule.vectorWidth;
  // Sums over positions stay in registers.
  if (terms != 0 && inside == 0)
    for (const int wide : {4, 3, 2})
      if (schedule.tileVectors == 1 && vectors % wide == 0)
        schedule.tileVectors = wide;
  if (phases > 1 && inside > 0 && terms == 0)
    schedule.depthUnroll = writtenOut(extents[1], phases);
  const int64_t ofElement = inside > 0 && terms == 0 ? elementsOfWindow : 1;
  if (facts.work() * ofElement < leastParallelElements)
    return facts;
  schedule.taskRows = static_cast<int>(llvm::divideCeil(facts.outerRows(), mostRowTasks));
  // Whole images, whose borders the compiler then still sees: the gradient of a max_pool2d of
  // 4x13x13x64 takes 17.5 us in tasks of rows, 11.5 in tasks of images (one thread).
  const int64_t images = facts.extents.back(), rows = facts.outerRows() / images;
  if (rows > 1 && (images % 2 == 0 || images >= mostRowTasks / 2))
    schedule.taskRows = static_cast<int>(rows * llvm::divideCeil(images, mostRowTasks));
  return facts;
}

LoopFacts lanesFacts(int64_t lanes, int64_t blocks, int64_t values, const KernelTarget &target) {
  LoopFacts facts;
  facts.kind = Template::Lanes;
  facts.extents = {lanes, blocks};
  facts.terms = values / std::max<int64_t>(1, lanes * blocks);
  facts.chosen.vectorWidth = target.vectorWidth;
  // As many vectors as divide the row, so that none is computed for nothing.
  const int64_t vectors = llvm::divideCeil(lanes, target.vectorWidth);
  facts.chosen.tileVectors = 4;
  while (vectors % facts.chosen.tileVectors != 0)
    --facts.chosen.tileVectors;
  facts.chosen.taskRows = blocks > 1 && values >= leastParallelElements;
  return facts;
}

LoopFacts copyFacts(int64_t columns, int64_t rows, int64_t outer, const KernelTarget &target) {
  LoopFacts facts;
  facts.kind = Template::Copy;
  facts.extents = {columns, rows, outer};
  facts.chosen.vectorWidth = target.vectorWidth;
  if (columns * rows * outer >= leastParallelElements && outer > 1)
    facts.chosen.taskRows = static_cast<int>(llvm::divideCeil(outer, mostRowTasks));
  return facts;
}

} // namespace weir
