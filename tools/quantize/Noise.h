//===- Noise.h - how far a quantized net's values are from the float net's -------------------===//
//
// The signal-to-noise ratio of each layer says where the accuracy goes. Before: Variant.h runs both
// nets. After: Contract.h asks which layer adds most.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/quantize/Variant.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace weir {

/// Sums of squares over images: of the float values, and of their differences.
struct LayerNoise {
  double signal = 0, noise = 0;

  /// Noise per signal; 0 where nothing differs.
  double ratio() const { return noise == 0 ? 0 : noise / std::max(signal, 1e-300); }
  /// The signal-to-noise ratio; infinite where nothing differs.
  double decibels() const;
};

/// For each of `exact.layers()`, the noise of the value of the same layer in `quantized`; none
/// where that net has no such value, as an activation that became the bounds of the layer before
/// it.
std::vector<std::optional<LayerNoise>> measureNoise(Variant &exact, Variant &quantized,
                                                    const Dataset &images, uint64_t count);

/// A convolution or dense layer, which could stay in float.
struct LayerSensitivity {
  std::string path;
  /// What the signal-to-noise ratio loses from before the layer to behind it. In decibels, that is
  /// as a quotient: a layer that only passes on the noise of those before it loses nothing, however
  /// much that is.
  double lostDecibels;
};

/// Of each such layer of the float net, in its order. `noise` as measured, one for each of
/// observedValues(function).
std::vector<LayerSensitivity> sensitivities(mlir::func::FuncOp function,
                                            llvm::ArrayRef<std::optional<LayerNoise>> noise);

/// The layer that loses most among those that are not in `kept`; none where all are.
std::optional<std::string> mostSensitive(llvm::ArrayRef<LayerSensitivity> layers,
                                         llvm::ArrayRef<std::string> kept);

} // namespace weir
