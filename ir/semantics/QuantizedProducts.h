//===- QuantizedProducts.h - the result's type of a layer of products -------------------------===//
//
// dense, conv2d and depthwise_conv2d of real numbers give real numbers, of quantized ones sums of
// 32 bits. C5 to C8 of dense stand here for all three.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Builders.h"
#include "ir/semantics/QuantizedArithmetic.h"

#include <limits>

namespace weir {

/// The type of `shape` that `name` gives for operands `x`, `weight` and `bias` (null: none), each
/// sum being of `terms` products.
inline llvm::FailureOr<mlir::RankedTensorType>
productType(llvm::StringRef name, mlir::Value x, mlir::Value weight, mlir::Value bias,
            llvm::ArrayRef<int64_t> shape, int64_t terms,
            llvm::function_ref<mlir::InFlightDiagnostic()> emitError) {
  using mlir::failure;
  auto xType = mlir::cast<mlir::RankedTensorType>(x.getType()),
       weightType = mlir::cast<mlir::RankedTensorType>(weight.getType());
  if (isQuantized(xType) != isQuantized(weightType) ||
      (bias && isQuantized(bias.getType()) != isQuantized(xType))) { // C5
    emitError() << "'" << name << "' expects operands that are all quantized or all not, but got "
                << xType << " and " << weightType;
    return failure();
  }
  if (!isQuantized(xType))
    return expressedType(xType.clone(shape));
  const Quantization values = *quantizationOf(xType), weights = *quantizationOf(weightType);
  if (weights.axis && *weights.axis + 1 != weightType.getRank()) { // C6
    emitError() << "'" << name << "' expects a weight's scales along its last dimension ("
                << weightType.getRank() - 1 << "), but got " << *weights.axis;
    return failure();
  }
  mlir::RankedTensorType type = quantizedSumType(shape, xType, weightType);
  if (bias) // C7
    if (const Quantization own = *quantizationOf(bias.getType()), sums = *quantizationOf(type);
        own.scales != sums.scales) {
      emitError() << "'" << name << "' expects a bias of the sums' scales, those of " << type
                  << ", but got " << bias.getType();
      return failure();
    }
  const int64_t widest = std::max(values.high - values.zeroPoint, values.zeroPoint - values.low),
                steepest = std::max(weights.high, -weights.low);
  if (terms > std::numeric_limits<int32_t>::max() / (widest * steepest)) { // C8
    emitError() << "'" << name << "' expects sums that stay within 32 bits, but got " << terms
                << " products of up to " << widest * steepest;
    return failure();
  }
  return type;
}

} // namespace weir
