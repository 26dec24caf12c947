//===- RegisterTile.h - what the tile costs whose sums stay in registers ---------------------===//
//
// Passes ask whether a product is better through windows or strips, kernels which tile they take:
// from one model.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include <algorithm>
#include <cstdint>

namespace weir {

/// Cycles of a term in a tile of `rows` x `vectors` sums: two multiply-adds and two loads a cycle,
/// and the sums must hide a latency of four cycles.
inline double registerTileCycles(int64_t vectors, int64_t rows) {
  return std::max({double(vectors * rows) / 2, double(vectors + rows) / 2, 4.0});
}

/// Rows of a tile that reads through windows, which has to take what boxes there are.
inline constexpr int64_t mostWindowRows = 29;

/// A tile that its rows do not fill is code of its own, and what is dropped of it was computed:
/// among nearly equal tiles those that divide the rows are taken.
inline constexpr double cutTileCost = 1.1;

} // namespace weir
