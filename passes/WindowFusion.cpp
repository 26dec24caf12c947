//===- WindowFusion.cpp - see WindowFusion.h -------------------------------------------------===//
//
// The model: what is not written out is neither written nor read again, at 8 bytes a cycle (a third
// cache's). A register tile of few rows wastes cycles: it has two loads and two multiply-adds in
// each, and must hide a latency of four. Both as for a core with 32 vectors of 16 values, whatever
// the target: smaller ones have smaller tiles and vectors alike.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/WindowFusion.h"

#include "ir/Boxes.h"
#include "ir/Builders.h"
#include "ir/RegisterTile.h"
#include "ir/Window.h"

#include <algorithm>
#include <limits>

using namespace mlir;

namespace weir {
namespace {

constexpr int64_t bytesPerCycle = 8;
constexpr int64_t lanes = 16, registers = 32;

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Cycles per vector of results and term of the best register tile whose rows are a box of
/// `dimensions`, or a piece of a line of positions.
double cyclesPerVector(ArrayRef<int64_t> dimensions, int64_t columns, bool lines) {
  int64_t rows = 1;
  for (const int64_t extent : dimensions)
    rows *= extent;
  const int64_t vectors = llvm::divideCeil(columns, lanes);
  double best = std::numeric_limits<double>::max();
  for (int64_t m = 1; m <= std::min(rows, mostWindowRows); ++m) {
    const bool whole = rows % m == 0 && isBox(m, dimensions);
    if (!whole && !(lines && m <= dimensions[0]))
      continue;
    const double computed =
        whole ? 1 : double(llvm::alignTo(dimensions[0], m)) / double(dimensions[0]) * cutTileCost;
    for (int64_t n = 1; n <= std::min<int64_t>(vectors, 8); ++n)
      if (m * n + n + 1 <= registers) {
        const double wide = double(llvm::alignTo(vectors, n)) / double(vectors);
        best = std::min(best, computed * wide * registerTileCycles(n, m) / double(m * n));
      }
  }
  return best;
}

/// What a product that reads through windows counts its rows through.
Dimensions rowsOf(PatchesOp patches, Operation *product) {
  const ArrayRef<int64_t> shape = patches.getType().getShape();
  if (isa<DenseWeightGradOp>(product))
    return {shape[5], shape[4], shape[3]};
  return {shape[2], shape[1], shape[0]};
}

/// The image with its border, where it has one; a kernel makes it for itself.
int64_t borderedBytes(PatchesOp patches) {
  const Window window =
      windowOf(patches.getX().getType(), {patches.getKernel(), patches.getStride(),
                                          patches.getPadding(), patches.getDilation()});
  const auto extent = [](const WindowAxis &axis) { return axis.before + axis.input + axis.after; };
  const auto hasBorder = [](const WindowAxis &axis) { return axis.before > 0 || axis.after > 0; };
  if (!hasBorder(window.vertical) && !hasBorder(window.horizontal))
    return 0;
  const ArrayRef<int64_t> shape = shapeOf(patches.getX());
  return byteSize(patches.getX().getType()) / (shape[1] * shape[2]) * extent(window.vertical) *
         extent(window.horizontal);
}

} // namespace

std::string kilobytes(int64_t bytes) { return std::to_string((bytes + 1023) / 1024) + " KB"; }

double movedCycles(int64_t bytes) { return 2 * double(bytes) / bytesPerCycle; }

double productCycles(ArrayRef<int64_t> rows, int64_t depth, int64_t columns, bool lines) {
  double vectors = double(depth) * double(llvm::divideCeil(columns, lanes));
  for (const int64_t extent : rows)
    vectors *= double(extent);
  return cyclesPerVector(rows, columns, lines) * vectors;
}

WindowChoice chooseWindows(PatchesOp patches) {
  if (!patches->hasOneUse())
    return {nullptr, "written out: they have several readers"};
  auto view = dyn_cast<ViewOp>(*patches->user_begin());
  if (!view || !view->hasOneUse())
    return {nullptr, "written out: they have several readers"};
  Operation *product = *view->user_begin();
  const bool isInteger = isQuantized(patches.getType());
  if (isInteger ? !isa<PackedDenseOp>(product) : !isa<DenseOp, DenseWeightGradOp>(product))
    return {nullptr, "written out: what reads them is no product that can read the image itself"};

  const int64_t written = byteSize(patches.getType()), bordered = borderedBytes(patches);
  const std::string bytes = kilobytes(written) + " that would be written and read again";
  // Kernels of integers copy a tile's rows where windows suit them badly.
  if (!isInteger) {
    const ArrayRef<int64_t> x = shapeOf(view.getResult());
    const int64_t columns = shapeOf(product->getResult(0))[1];
    const Dimensions rows = rowsOf(patches, product);
    const bool isGradient = isa<DenseWeightGradOp>(product);
    const int64_t depth = isGradient ? x[0] : x[1], allRows = isGradient ? x[1] : x[0];
    if (productCycles(rows, depth, columns, /*lines=*/!isGradient) + movedCycles(bordered) >
        productCycles(allRows, depth, columns, /*lines=*/true) + movedCycles(written))
      return {nullptr, "written out, " + kilobytes(written) +
                           ": tiles of windows would take longer than that"};
  }
  return {
      product,
      "are read from the image by the product: saves " + bytes +
          (bordered ? ", against " + kilobytes(bordered) + " of the image with its border" : "")};
}

PatchesOp windowsOf(Operation *product) {
  if (!isa<DenseOp, PackedDenseOp, DenseWeightGradOp>(product))
    return {};
  auto view = product->getOperand(0).getDefiningOp<ViewOp>();
  auto patches = view ? view.getX().getDefiningOp<PatchesOp>() : PatchesOp();
  return patches && chooseWindows(patches).product == product ? patches : PatchesOp();
}

} // namespace weir
