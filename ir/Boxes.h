//===- Boxes.h - neighbours that are counted through several dimensions ----------------------===//
//
// A product that reads an image through windows counts its rows and terms through positions, taps
// and channels. What a loop nest takes at a time must be a box of them, so that every place in it
// has a fixed distance from its first. Passes ask which boxes there are, kernels cut loops by them.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace weir {

/// How many there are in each dimension, innermost first.
using Dimensions = llvm::SmallVector<int64_t, 3>;

/// True where `size` neighbours, from any multiple of `size` on, are a box: whole inner dimensions
/// and a divisor of the next. Always true of no dimensions.
bool isBox(int64_t size, llvm::ArrayRef<int64_t> dimensions);

/// The box's extent in each dimension.
llvm::SmallVector<int, 3> boxExtents(int64_t size, llvm::ArrayRef<int64_t> dimensions);

} // namespace weir
