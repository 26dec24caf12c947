//===- TileLoops.h - the names of a tile's loops ---------------------------------------------===//

#pragma once

#include "Halide.h"
#include <cstdint>

namespace weir::kernels {

/// Scratch memory up to this size needs no call to the allocator.
constexpr int64_t mostStackBytes = 128 * 1024;

inline Halide::Var lane() { return Halide::Var("lane"); }
inline Halide::Var vectorOfTile() { return Halide::Var("vector"); }
inline Halide::Var tileColumn() { return Halide::Var("tileColumn"); }
inline Halide::Var tileRow() { return Halide::Var("tileRow"); }
inline Halide::Var rowOfTile() { return Halide::Var("rowOfTile"); }

} // namespace weir::kernels
