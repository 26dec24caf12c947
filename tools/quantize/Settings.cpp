//===- Settings.cpp - see Settings.h ---------------------------------------------------------===//

#include "tools/quantize/Settings.h"

#include "mlir/IR/BuiltinAttributes.h"
#include <fmt/core.h>

using namespace mlir;

namespace weir {

std::string ImagePart::text() const {
  return fmt::format("{}(count: {}, from: {})", isTraining ? "training_images" : "test_images",
                     count, from);
}

static std::string call(DictionaryAttr settings, StringRef name) {
  return settings.getAs<DictionaryAttr>(name).getAs<StringAttr>("call").str();
}

static uint64_t integer(DictionaryAttr dictionary, StringRef name) {
  return static_cast<uint64_t>(dictionary.getAs<IntegerAttr>(name).getInt());
}

static ImagePart part(DictionaryAttr settings, StringRef name) {
  auto dictionary = settings.getAs<DictionaryAttr>(name);
  return {call(settings, name) == "training_images", integer(dictionary, "from"),
          integer(dictionary, "count")};
}

QuantizeSettings QuantizeSettings::of(ModuleOp module) {
  auto all = module->getAttrOfType<DictionaryAttr>("weir.quantize");
  QuantizeSettings settings;
  settings.calibrate = part(all, "calibrate");
  settings.heldOut = part(all, "held_out");
  settings.method.name = call(all, "method");
  if (auto percent = all.getAs<DictionaryAttr>("method").getAs<FloatAttr>("percent"))
    settings.method.percent = percent.getValueAsDouble();
  settings.perTensor = call(all, "weights") == "per_tensor";
  settings.equalize = all.getAs<BoolAttr>("equalize").getValue();
  settings.correctBias = all.getAs<BoolAttr>("correct_bias").getValue();
  for (auto path : all.getAs<ArrayAttr>("keep_float").getAsRange<StringAttr>())
    settings.keepFloat.push_back(path.str());
  settings.floatLayers = integer(all, "float_layers");
  if (auto drop = all.getAs<FloatAttr>("maximum_drop"))
    settings.maximumDrop = drop.getValueAsDouble();
  return settings;
}

} // namespace weir
