//===- Report.h - what quantizing a net did, as numbers --------------------------------------===//
//
// Filled by QuantizeNet.cpp; its JSON stands in the manifest and is printed by
// runtime/QuantizationReport.h.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/quantize/CalibrationTable.h"
#include "tools/quantize/Noise.h"
#include "tools/quantize/Settings.h"

#include <nlohmann/json.hpp>

namespace weir {

/// A layer that stays in float: because the file asks, or because the contract did not hold.
struct KeptLayer {
  std::string path;
  std::optional<double> dropBefore, dropAfter; ///< of the accuracy; only for the contract's
};

struct LayerReport {
  std::string path, op;
  std::string arithmetic; ///< of convolutions and dense layers: "int8" or "float"
  std::string numbers;    ///< "u8", "f32"; empty where the value is no longer there
  std::optional<ValueRange> range;
  std::optional<double> scale, decibels;
  std::optional<int64_t> zeroPoint;
};

struct QuantizeReport {
  QuantizeSettings settings;
  std::string calibratedOn, heldOut;
  bool isLearned = false; ///< training has learned the ranges; those it has not are calibrated
  uint64_t images = 0;    ///< held out
  double floatAccuracy = 0, int8Accuracy = 0;
  std::vector<KeptLayer> kept;
  std::vector<LayerReport> layers;

  double drop() const { return floatAccuracy - int8Accuracy; }
  /// Counted in images, so that a drop of exactly the limit is allowed.
  bool isFulfilled() const;
  std::string keptText() const; ///< "a, b"
  /// The error of a contract that does not hold with `floatLayers` more layers in float.
  std::string brokenContract(size_t floatLayers) const;
};

/// A report with its settings, before anything was measured.
QuantizeReport newReport(const QuantizeSettings &settings, const CalibrationTable &table,
                         const std::string &dataName);

/// One row for each layer of the float net (`module`, with ranges).
std::vector<LayerReport> layerReports(mlir::ModuleOp module, const Variant &quantized,
                                      llvm::ArrayRef<std::optional<LayerNoise>> noise);

nlohmann::ordered_json toJson(const QuantizeReport &report);

} // namespace weir
