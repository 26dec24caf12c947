//===- WeightChannels.h - which channels a weight of a product connects ----------------------===//
//
// Equalisation scales the channels between two layers, bias correction weights them with their
// means: both ask which channel of the input and of the output a number of a weight belongs to.
//
//===-----------------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"

namespace weir {

/// The weight of conv2d, depthwise_conv2d or dense, by row-major index.
class WeightChannels {
public:
  /// `channels`: of the image that the product reads. A dense layer may read it flattened: its
  /// features are then the channels of one position after the other.
  WeightChannels(mlir::Operation *product, int64_t channels) : channels(channels) {
    auto type = mlir::cast<mlir::RankedTensorType>(product->getOperand(1).getType());
    outputs = type.getShape().back();
    if (auto conv = mlir::dyn_cast<Conv2dOp>(product)) {
      groups = static_cast<int64_t>(conv.getGroups());
    } else if (auto depthwise = mlir::dyn_cast<DepthwiseConv2dOp>(product)) {
      multiplier = static_cast<int64_t>(depthwise.getMultiplier());
    }
  }

  int64_t output(int64_t index) const { return index % outputs; }
  int64_t input(int64_t index) const {
    if (multiplier)
      return output(index) / multiplier;
    const int64_t ofGroup = channels / groups, group = output(index) / (outputs / groups);
    return group * ofGroup + index / outputs % ofGroup;
  }

  int64_t channels, outputs = 0;

private:
  int64_t groups = 1;
  int64_t multiplier = 0; ///< of a depthwise convolution
};

} // namespace weir
