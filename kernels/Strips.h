//===- Strips.h - a depthwise convolution between two products, strip by strip ---------------===//
//
// The group that fuse-strips makes: [expand] -> depthwise -> project, with what is pointwise
// between and behind them. It goes down the image row by row: the rows of the wide tensor that the
// next row of results needs, then the depthwise convolution of a few positions and their products.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Window.h"
#include "kernels/LoopFacts.h"

#include "Halide.h"

namespace mlir {
class Block;
} // namespace mlir

namespace weir::kernels {

struct Nest;

/// A 1x1 convolution: `sums` of a position and channel, in register tiles.
struct StripProduct {
  Halide::Func sums;
  Halide::RDom terms;
  int tileRows = 1, tileVectors = 1;
};

struct Strips {
  Window window;
  int count = 1;    ///< strips of each image
  int channels = 0; ///< of the wide tensor
  std::optional<StripProduct> expand;
  /// The rows that the windows look at, with a border of zeros at their ends. Its stages: nothing,
  /// the values themselves at `columns`, then the zeros.
  Halide::Func wide;
  Halide::RDom columns;
  Halide::Func filtered; ///< what is projected
  StripProduct project;
};

/// The strips of a group that has convolutions in it; none of others.
std::optional<Strips> findStrips(mlir::Block &body);

/// The loops of a group's one nest. The facts: filters, width, height, batch; a task's rows are
/// those of a strip.
LoopFacts factsOf(const Nest &nest, const Strips &strips, const KernelTarget &target);
void scheduleStrips(const Nest &nest, const Strips &strips, int vectorWidth);

/// Lets the compilation fail where Halide (release 21) makes turns ahead of a strip's first row: it
/// leaves the sums out of them.
void refuseEarlyTurns(Halide::Pipeline &pipeline);

} // namespace weir::kernels
