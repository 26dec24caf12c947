//===- SweepEstimate.h - how long a sweep will take -------------------------------------------===//

#pragma once

#include "tools/SweepRunner.h"

namespace weir {

struct SweepEstimate {
  SweepPlan plan;
  double seconds = 0;            ///< of the whole sweep from its beginning
  int64_t images = 0;            ///< of an epoch
  bool imagesAreAssumed = false; ///< the data was not found, MNIST's numbers stand in
};

/// Compiles the first member that can be compiled, times its training step and inference for half a
/// second, and counts the images of its data. Leaves nothing behind but what is in the cache. An
/// error has the message of the compilation.
llvm::Expected<SweepEstimate> estimateSweep(const SweepOptions &options, const SweepGrid &grid);

} // namespace weir
