//===- Windows.h - products that read images through windows ---------------------------------===//
//
// A product whose left operand is `patches` of the same kernel does not want them written out: row
// (x, y, image) and term (channel, tap, tap) of a forward product, or the other way round of a
// weight's gradient, are one place of the image. With tiles of rows and blocks of terms that are
// boxes (Schedule.h), all places of a tile have fixed distances, and the register tile reads the
// image as it would read a matrix.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Window.h"
#include "kernels/Emit.h"

namespace weir::kernels {

/// 0, 1, …, counted through dimensions and cut into boxes of `size` neighbours.
class Boxes {
public:
  Boxes(Dimensions dimensions, int64_t size)
      : dimensions(std::move(dimensions)), extents(boxExtents(size, this->dimensions)) {}

  /// Whether the loops over a box's two inner dimensions are to be written out.
  bool isShort() const { return weir::isShort(extents); }
  /// A loop over the places of a box.
  Halide::RDom loop() const;
  /// The place in its box of the `number`-th of a box, in each dimension.
  std::vector<Halide::Expr> within(Halide::Expr number) const;
  /// A place of box `box`, from its place in the box.
  std::vector<Halide::Expr> place(Halide::Expr box, Exprs within) const;
  /// The number of a place, as all are counted.
  Halide::Expr number(Exprs place) const;

private:
  Dimensions dimensions;
  llvm::SmallVector<int, 3> extents;
};

/// Where a product's sums stand in `partial`, whose dimensions are the column and these: the row;
/// or the place in its tile and the tile, so that nothing is left to divide where a tile's rows are
/// written out; or these two and the line, where tiles are pieces of lines.
class SumRows {
public:
  SumRows(const LoopFacts &loops, const Schedule &schedule)
      : dimensions(loops.rowDimensions), tileRows(schedule.tileRows),
        tiles(schedule.tileRows, loops.extents[1], loops.rowDimensions) {}

  /// The dimensions of `partial` from the column on.
  std::vector<Halide::Var> vars() const;
  /// The row that they stand for, counted through the dimensions of rows where there are any.
  std::vector<Halide::Expr> row() const;
  /// The place in `partial` of the sum at `index` of the result.
  std::vector<Halide::Expr> placeOf(Exprs index) const;

private:
  bool isPlain() const { return dimensions.empty() && tiles.whole; }
  /// The first row of a tile, in its line. A last tile that its rows do not fill ends with them all
  /// the same and has some of the rows before: every place keeps its distance from the first, and
  /// nothing beyond the last row is read.
  Halide::Expr firstOf(const Halide::Expr &tile) const;

  Dimensions dimensions;
  int tileRows;
  RowTiles tiles;
};

/// What the window of `position` (x, y, image) has at `tap` (channel, horizontal, vertical tap).
Halide::Expr valueOf(const Emitter &emitter, PatchesOp patches, Exprs position, Exprs tap);

} // namespace weir::kernels
