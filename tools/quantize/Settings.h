//===- Settings.h - the `quantize` block as the flow reads it --------------------------------===//

#pragma once

#include "tools/quantize/CalibrationMethods.h"

#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>
#include <vector>

namespace weir {

/// Some images of the net's data set.
struct ImagePart {
  bool isTraining = true;
  uint64_t from = 0, count = 0; ///< a count of 0: all that follow

  std::string text() const; ///< "training_images(count: 1000, from: 0)"
};

struct QuantizeSettings {
  ImagePart calibrate, heldOut;
  CalibrationMethod method;
  bool perTensor = false, equalize = true, correctBias = true;
  std::vector<std::string> keepFloat;
  size_t floatLayers = 0;            ///< that may join keepFloat, so that the drop holds
  std::optional<double> maximumDrop; ///< of the accuracy; none: no contract

  /// Of a module with `weir.quantize`.
  static QuantizeSettings of(mlir::ModuleOp module);
};

} // namespace weir
