//===- TrainingPlan.h - what a module's recipe asks for, in numbers ---------------------------===//
//
// Read from `weir.recipe` and `weir.minimize` of a module fresh from the frontend, for the analyses
// that judge a training run before it begins.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <optional>

namespace weir {

struct TrainingPlan {
  // Handles of ops have no const methods.
  mutable mlir::func::FuncOp function; ///< the training step
  mutable MinimizeOp minimize;
  mlir::Value logits; ///< what the loss sees
  int64_t batch = 1;
  double steps = 1;                         ///< of the whole run
  double learningRate = 0;                  ///< before the schedule
  double meanFactor = 1;                    ///< of the schedule over the run
  bool warmsUp = false;                     ///< the schedule begins well below the learning rate
  double clipNorm = 0;                      ///< 0: no limit
  double clipValue = 0;                     ///< 0: no limit
  double inputMean = 0;                     ///< of what enters the net
  double inputVariance = 1;                 ///< of what enters the net
  double pixelMean = 0, pixelDeviation = 1; ///< of the data set's pixels, 0 to 1
  bool isKnownData = false;                 ///< the data set's numbers are known, not assumed
  double dataMean = 0, dataDeviation = 1;   ///< what the recipe normalises by

  /// Images of a training set that is not known: MNIST's number.
  static constexpr int64_t assumedImages = 60000;
};

/// Nothing where the module does not train (no `train` block, no steps), or was differentiated.
std::optional<TrainingPlan> readTrainingPlan(mlir::ModuleOp module);

} // namespace weir
