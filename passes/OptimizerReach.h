//===- OptimizerReach.h - how far an optimizer moves a weight ---------------------------------===//
//
// Runs the optimizer op's own reference `evaluate` on one weight per layer, with gradients of that
// layer's size. Mini-batch gradients change their sign: half of each gradient is taken to be steady
// and the rest noise, which is generous; a gradient that never changes gives the upper bound.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "passes/TrainingPlan.h"
#include <vector>

namespace weir {

struct Reach {
  double typical = 0; ///< distance after the whole run, with gradients that are half noise
  double steady = 0;  ///< the same if the gradient never changed: no weight can go farther
  double early = 0;   ///< distance after the first `earlySteps` at the full learning rate
};

/// Steps that `Reach::early` counts.
constexpr int earlySteps = 10;

/// One entry for each of the layers' `gradients` (root mean squares), in their order.
std::vector<Reach> measureReach(const TrainingPlan &plan, llvm::ArrayRef<double> gradients);

} // namespace weir
