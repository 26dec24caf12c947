//===- LoopFacts.h - what a schedule's numbers are about -------------------------------------===//
//
// A group has one loop nest that its time goes into; which template cuts it, and the extents that
// decide which numbers fit. Found while a pipeline is built, read by whoever makes schedules: the
// model's choice stands beside the facts, and `checkSchedule` holds any other choice to the
// template's rules.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Schedule.h"

#include "llvm/Support/Error.h"
#include <optional>

namespace weir {

/// Elements of a pointwise loop or a copy from which cores share its rows: about 2 us, ten times a
/// fork and join. And the most tasks that they are cut into: more only add calls.
inline constexpr int64_t leastParallelElements = 20'000, mostRowTasks = 16;

struct LoopFacts {
  enum class Template {
    None,       ///< scalars: nothing to cut
    Matrix,     ///< extents: columns, rows, depth
    Transposed, ///< the same, with the right operand along the terms
    Dots,       ///< the same of packed 8-bit integers; the depth counts groups of products
    Tiles,      ///< as Dots, summed up in AMX tiles
    Plain,      ///< extents as of the result, innermost first
    Lanes,      ///< sums in lanes; extents: lanes, blocks
    Copy,       ///< extents: columns, rows, outer
    Strips,     ///< an inverted residual; extents: filters, width, height, batch
    GpuMatrix,  ///< a matrix product on a GPU; extents: columns, rows, depth
  };
  Template kind = Template::None;
  llvm::SmallVector<int64_t, 6> extents;
  /// Of a product that reads its left operand through windows, see MatrixExtents; else empty.
  Dimensions rowDimensions, termDimensions;
  bool lines = false;
  /// Plain: how many dimensions after the first one stay inside a vector's loop.
  int64_t inside = 0;
  /// Terms of each sum (Plain: 0 where there are none).
  int64_t terms = 0;
  /// By the model.
  Schedule chosen;

  /// "matrix 80x32x784": the template and the extents.
  std::string text() const;
  /// Values read, about; what the models judge by.
  int64_t work() const;
  /// Plain: the extent of all dimensions outside of a vector's loop.
  int64_t outerRows() const;
  /// Matrix products: turns of the innermost loop over terms.
  int64_t innerTerms(const Schedule &schedule) const;
  /// A matrix product on whatever device; `isMatrix`: by a CPU's templates.
  bool isProduct() const { return isMatrix() || kind == Template::GpuMatrix; }
  bool isMatrix() const {
    return kind == Template::Matrix || kind == Template::Transposed || kind == Template::Dots ||
           kind == Template::Tiles;
  }
};

llvm::StringRef templateName(LoopFacts::Template kind);
std::optional<LoopFacts::Template> findTemplate(llvm::StringRef name);

/// Raised where a number of a template changes its meaning: older tuning records are then ignored.
inline constexpr unsigned templatesVersion = 1;

/// An error where the template cannot cut such loops by `schedule`; its text names the rule.
llvm::Error checkSchedule(const Schedule &schedule, const LoopFacts &facts,
                          const KernelTarget &target);

/// sharesColumns of a product's loops; false for other templates.
bool sharesColumns(const LoopFacts &facts, const Schedule &schedule, const KernelTarget &target);

/// The facts of a matrix product, and the model's schedule for it. `terms` is the depth.
LoopFacts matrixFacts(const MatrixExtents &extents, const KernelTarget &target, LargeOperand large);
LoopFacts transposedFacts(const MatrixExtents &extents, const KernelTarget &target);
/// `terms` of the 8-bit products are one instruction, or a tile is where the target has them and
/// the product suits them.
LoopFacts dotFacts(const MatrixExtents &extents, int terms, const KernelTarget &target);
/// The facts of a plain nest of `extents` (innermost first). Of `phases` neighbours in a row each
/// sees other taps, and which is known where they are written out.
LoopFacts plainFacts(llvm::ArrayRef<int> extents, int64_t inside, int64_t terms,
                     const KernelTarget &target, int64_t phases = 1);
/// `values`: all that are summed.
LoopFacts lanesFacts(int64_t lanes, int64_t blocks, int64_t values, const KernelTarget &target);
LoopFacts copyFacts(int64_t columns, int64_t rows, int64_t outer, const KernelTarget &target);

} // namespace weir
