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

/// What the window of `position` (x, y, image) has at `tap` (channel, horizontal, vertical tap).
Halide::Expr valueOf(const Emitter &emitter, PatchesOp patches, Exprs position, Exprs tap);

} // namespace weir::kernels
