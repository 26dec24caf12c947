//===- VarianceRules.h - moments through one op, forward and backward -------------------------===//

#pragma once

#include "passes/VarianceFlow.h"

namespace weir {

/// The weight of a dense layer or convolution and how it mixes values; null where `op` is neither.
struct MixingLayer {
  ReadOp weight;
  double variance = 0; ///< of one weight
  double terms = 0;    ///< products in one output value that do not fall on padding, on average
  double inputs = 0;   ///< values in one image of the input
  double outputs = 0;  ///< values in one image of the output
  double places = 0;   ///< output positions, each of which adds to the weight's gradient
  double usedTaps = 1; ///< share of the weight's products that do not fall on padding
};

/// The layer's numbers, with weights looked up in `symbols`.
std::optional<MixingLayer> mixingLayer(mlir::Operation *op, mlir::SymbolTable &symbols);

/// Moments of the op's first result. Nothing for an op without a rule.
std::optional<Moments> propagate(mlir::Operation *op, llvm::ArrayRef<Moments> operands,
                                 mlir::SymbolTable &symbols);

/// Moments of the gradients of the operands, given that of the first result; `operands` are the
/// forward moments. Empty for an op without a rule.
llvm::SmallVector<GradientMoments> propagateBack(mlir::Operation *op,
                                                 llvm::ArrayRef<Moments> operands,
                                                 GradientMoments gradient,
                                                 mlir::SymbolTable &symbols);

/// Positions of an image: height x width of [batch, height, width, channels], 1 for a row.
double placesOf(mlir::Value tensor);

} // namespace weir
