//===- TileProducts.h - products of 8-bit matrices in AMX tiles ------------------------------===//
//
// Halide's own way to tiles (MemoryType::AMXTile) knows square tiles and one accumulator, whose
// latency then bounds the loop. Here the algorithm holds a call in place of the sums, the schedule
// gives it loops over one block of tiles inside of whatever loops there are, and a pass at the end
// of Halide's lowering makes Halide's tile intrinsics of each such block: up to four accumulators,
// each operand's tile loaded once. LLVM configures the tiles where a function begins.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Schedule.h"

#include "Halide.h"

namespace weir::kernels {

/// What a block of tiles goes through besides its rows and columns.
struct TileTerms {
  TileShape shape;
  int groups;  ///< of four terms: the depth
  int columns; ///< of the right operand, [groups, columns, 4] in memory
};

/// The sums of a row of bytes and a column of signed bytes: `leftFirst` and `leftLast` are the
/// loads of the row's ends, `right` that of the column's first term. The Func that is defined by it
/// must be computed in two serial loops of constant extents, rows outside, multiples of
/// `terms.shape.rows` and of 16.
Halide::Expr tileSums(const Halide::Expr &leftFirst, const Halide::Expr &leftLast,
                      const Halide::Expr &right, const TileTerms &terms);

/// Has the pipeline's lowering make tile instructions of such sums. Throws std::runtime_error,
/// while it is compiled, where their loops are others.
void lowerTileProducts(Halide::Pipeline &pipeline);

} // namespace weir::kernels
