//===- VarianceFlow.h - how activations and gradients spread through an untrained net ---------===//
//
// Mean-field propagation (Glorot and Bengio 2010; He et al. 2015; Poole et al. 2016; Schoenholz et
// al. 2017): weights are random and independent, so each tensor is described by the mean of its
// values and by the mean product of two of them, alike or in another place or image. Layers are
// numbers times these, activations act through GaussianResponse. Works on the training function as
// the frontend built it; VarianceRules.cpp has the rule of each op.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "passes/TrainingPlan.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringRef.h"
#include <vector>

namespace weir {

/// Of the values of one tensor, over random weights and images.
struct Moments {
  double mean = 0;
  double square = 0;  ///< E[x^2]
  double within = 0;  ///< E[x x'] of two places in one image, same channel
  double between = 0; ///< E[x x'] of the same place in two images
  double apart = 0;   ///< E[x x'] of two places in two images

  double variance() const { return square - mean * mean; }
  /// The deviation by which two images differ in a value: what the layers after it can learn from.
  double signal() const;
};

/// Of the gradient of the loss with respect to one tensor. Different images' are independent: their
/// labels are.
struct GradientMoments {
  double square = 0;
  double within = 0; ///< E[g g'] of two places in one image, same channel
};

/// One layer with a weight (dense or a convolution).
struct LayerFlow {
  mlir::Operation *op = nullptr;
  VariableOp weight;
  Moments input, output;
  GradientMoments outputGradient;
  double weightDeviation = 0; ///< of the initialiser
  double weightGradient = 0;  ///< root of the mean square, for one batch
  bool isNormalised = false;  ///< a batch_norm follows: the weight's scale does not matter
  mlir::Operation *activation = nullptr; ///< the nonlinearity that follows, or null

  /// Products in one output value: 1 / sqrt(fanIn) is the size of weights that pass a signal on.
  double fanIn = 1;

  int64_t weightCount() { return weight.getTensorType().getNumElements(); }
};

struct VarianceFlow {
  std::vector<LayerFlow> layers; ///< in the order of the net
  llvm::DenseMap<mlir::Value, Moments> moments;
  Moments input, logits;
  /// False where an op without a rule stands on the way: then nothing is said about the net.
  bool isComplete = true;
};

/// Analyses `plan.function`.
VarianceFlow analyzeVariance(const TrainingPlan &plan);

/// Variance (mean square) of what a variable's initialiser draws.
double initialVariance(VariableOp variable);

/// "layer_1.conv2d" of the op's location, or its mnemonic.
std::string layerName(mlir::Operation *op);

} // namespace weir
