//===- Report.cpp - see Report.h -------------------------------------------------------------===//

#include "tools/quantize/Report.h"

#include "ir/Quantization.h"
#include "passes/Observe.h"

#include <cmath>
#include <fmt/core.h>

using namespace mlir;
using Json = nlohmann::ordered_json;

namespace weir {

//===------------------------------------------------------------------------------------------===//
// The contract
//===------------------------------------------------------------------------------------------===//

bool QuantizeReport::isFulfilled() const {
  if (!settings.maximumDrop)
    return true;
  const auto count = static_cast<double>(images);
  return std::round(drop() * count) <= std::floor(*settings.maximumDrop * count + 1e-6);
}

std::string QuantizeReport::keptText() const {
  std::string text;
  for (const KeptLayer &layer : kept)
    text += (text.empty() ? "'" : ", '") + layer.path + "'";
  return text;
}

std::string QuantizeReport::brokenContract(size_t floatLayers) const {
  return fmt::format("'quantize' requires drop <= {:g}%, but the accuracy on {} images drops by "
                     "{:.2f}% (float {:.4f}, int8 {:.4f}){}; 'float_layers' allows {} layers in "
                     "float for it, no program was written",
                     100 * *settings.maximumDrop, images, 100 * drop(), floatAccuracy, int8Accuracy,
                     kept.empty() ? "" : " even with " + keptText() + " in float", floatLayers);
}

//===------------------------------------------------------------------------------------------===//
// Layers
//===------------------------------------------------------------------------------------------===//

std::vector<LayerReport> layerReports(ModuleOp module, const Variant &quantized,
                                      ArrayRef<std::optional<LayerNoise>> noise) {
  llvm::StringMap<RankedTensorType> types;
  for (const ObservedLayer &layer : quantized.layers())
    types[layer.path] = layer.type;
  std::vector<LayerReport> layers;
  for (const auto &[value, measured] :
       llvm::zip_equal(observedValues(observedFunction(module)), noise)) {
    LayerReport row;
    row.path = layerPath(value.getLoc());
    row.op = value.getDefiningOp()->getName().stripDialect().str();
    if (const std::optional<bool> isInteger = quantized.isInteger(row.path))
      row.arithmetic = *isInteger ? "int8" : "float";
    if (auto range = value.getDefiningOp()->getAttrOfType<DenseF64ArrayAttr>("weir.range"))
      row.range = ValueRange{range[0], range[1]};
    if (measured) {
      const RankedTensorType type = types.lookup(row.path);
      row.numbers = storageOf(type).name();
      row.decibels = measured->decibels();
      if (std::optional<Quantization> numbers = quantizationOf(type)) {
        row.scale = numbers->scale(0);
        row.zeroPoint = numbers->zeroPoint;
      }
    }
    layers.push_back(std::move(row));
  }
  return layers;
}

//===------------------------------------------------------------------------------------------===//
// JSON
//===------------------------------------------------------------------------------------------===//

QuantizeReport newReport(const QuantizeSettings &settings, const CalibrationTable &table,
                         const std::string &dataName) {
  QuantizeReport report;
  report.settings = settings;
  report.calibratedOn = table.images;
  report.heldOut = settings.heldOut.text() + " of '" + dataName + "'";
  for (const std::string &layer : settings.keepFloat)
    report.kept.push_back({layer, std::nullopt, std::nullopt});
  return report;
}

/// null for none, and for infinities, which JSON does not have.
template <typename T> static Json orNull(const std::optional<T> &value) {
  if (!value || !std::isfinite(static_cast<double>(*value)))
    return nullptr;
  return *value;
}

Json toJson(const QuantizeReport &report) {
  Json kept = Json::array(), layers = Json::array();
  for (const KeptLayer &layer : report.kept)
    kept.push_back({{"layer", layer.path},
                    {"drop_before", orNull(layer.dropBefore)},
                    {"drop_after", orNull(layer.dropAfter)}});
  for (const LayerReport &row : report.layers)
    layers.push_back({{"path", row.path},
                      {"op", row.op},
                      {"arithmetic", row.arithmetic},
                      {"numbers", row.numbers},
                      {"low", row.range ? Json(row.range->low) : Json(nullptr)},
                      {"high", row.range ? Json(row.range->high) : Json(nullptr)},
                      {"scale", orNull(row.scale)},
                      {"zero_point", orNull(row.zeroPoint)},
                      {"snr_db", orNull(row.decibels)}});
  const std::string method = report.settings.method.text();
  return {{"method", report.isLearned ? "ranges learned in training, others by " + method : method},
          {"weights", report.settings.perTensor ? "per_tensor" : "per_channel"},
          {"equalized", report.settings.equalize},
          {"bias_corrected", report.settings.correctBias},
          {"calibrated_on", report.calibratedOn},
          {"held_out", report.heldOut},
          {"images", report.images},
          {"float_accuracy", report.floatAccuracy},
          {"int8_accuracy", report.int8Accuracy},
          {"drop", report.drop()},
          {"maximum_drop", orNull(report.settings.maximumDrop)},
          {"kept_float", kept},
          {"layers", layers}};
}

} // namespace weir
