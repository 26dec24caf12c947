//===- LearnFindings.h - the single findings of Learnability.h, by subject --------------------===//

#pragma once

#include "passes/Learnability.h"
#include "passes/VarianceFlow.h"

namespace weir {

/// A finding with what W100 says of it.
struct Cause {
  LearnFinding finding;
  std::string summary;  ///< "the learning rate of adadelta is too low"
  bool isFatal = false; ///< the run stays at chance or hardly moves for this alone
};

/// W103, W104: the signal or the gradient dies or explodes.
std::vector<Cause> findFlowCauses(const TrainingPlan &plan, VarianceFlow &flow);
/// W101, W102: the weights move too little or too much. `gradients`: one for each layer of `flow`.
/// Without `signalArrives`, weights are measured by what they should have begun with.
std::vector<Cause> findRateCauses(const TrainingPlan &plan, VarianceFlow &flow,
                                  llvm::ArrayRef<double> gradients, bool signalArrives);
/// W105 to W108: batch norm over few values, dead and saturated units, maps of one place, bounded
/// logits.
std::vector<Cause> findLayerCauses(const TrainingPlan &plan, const VarianceFlow &flow);

/// W109: layers that the frontend left out.
void findUnusedLayers(mlir::ModuleOp module, std::vector<LearnFinding> &findings);

/// "0.18", "3.2e-06": three digits at most.
std::string shortNumber(double value);
/// A number of two or more as text with separators: "15,000".
std::string countText(double value);

} // namespace weir
