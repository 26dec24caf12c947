//===- Manifest.cpp - see Manifest.h ---------------------------------------------------------===//

#include "tools/Manifest.h"

#include "ir/Values.h"
#include "kernels/Compile.h"
#include "tools/inspect/KernelCost.h"

using namespace mlir;
using Json = nlohmann::ordered_json;

namespace weir {

std::string storedTypeName(RankedTensorType type) {
  const Storage storage = storageOf(type);
  const char *kind = storage.kind == Storage::Kind::Float      ? "F"
                     : storage.kind == Storage::Kind::Unsigned ? "U"
                                                               : "I";
  return kind + std::to_string(storage.bits);
}

static int64_t integer(Operation *op, StringRef name) {
  return op->getAttrOfType<IntegerAttr>(name).getInt();
}

static Json variables(ModuleOp module) {
  Json list = Json::array();
  for (auto variable : module.getOps<VariableOp>())
    list.push_back({{"name", variable.getSymName().str()},
                    {"shape", std::vector<int64_t>(variable.getTensorType().getShape())},
                    {"offset", *variable.getOffset()},
                    {"type", storedTypeName(variable.getTensorType())},
                    {"kind", variable.getKind().str()},
                    {"trainable", variable.isTrainable()},
                    {"init", toJson(variable.getInit())}});
  return list;
}

static Json entries(ModuleOp module, const KernelTarget &target) {
  Json list = Json::array();
  for (auto function : module.getOps<func::FuncOp>()) {
    Json kernels = Json::array();
    for (auto kernel : function.getOps<KernelOp>())
      kernels.push_back({{"name", kernel.getName().str() + "__" + targetOf(kernel, target).suffix},
                         {"source", sourceText(kernel.getLoc())}});
    const FusionCost fusion = fusionOf(function);
    const bool trains = function.getSymName() == "train_step";
    const bool infers = function.getNumArguments() == 1 && function.getNumResults() == 1;
    list.push_back({{"name", function.getSymName().str()},
                    {"kind", trains   ? "train"
                             : infers ? "infer"
                                      : "other"},
                    {"batch", cast<RankedTensorType>(function.getArgumentTypes()[0]).getDimSize(0)},
                    {"arena_bytes", integer(function, "weir.arena_bytes")},
                    {"arena_bound", integer(function, "weir.arena_bound")},
                    {"ops", fusion.ops},
                    {"moved_bytes", fusion.bytes},
                    {"moved_bytes_unfused", fusion.bytesOneByOne},
                    {"kernels", kernels}});
    if (function->hasAttr("weir.recomputed")) // --memory=small
      list.back()["recomputed"] = integer(function, "weir.recomputed");
  }
  return list;
}

Json makeManifest(ModuleOp module, const NetSummary &summary, const KernelTarget &programTarget,
                  StringRef source) {
  const KernelTarget target = targetOf(module, programTarget);
  Json manifest = {{"weir", 1},
                   {"source", source.str()},
                   {"target", target.name},
                   {"device", deviceName(target.device).str()},
                   {"capability", target.capability}};
  manifest["cpu_features"] = Json::array();
  for (StringRef feature : target.cpuFeatures)
    manifest["cpu_features"].push_back(feature.str());
  manifest.update(toJson(summary));
  const bool hasValues = llvm::any_of(module.getOps<VariableOp>(),
                                      [](VariableOp variable) { return variable.getValue(); });
  if (auto weights = module->getAttrOfType<DictionaryAttr>("weir.weights"))
    manifest["weights"] = toJson(weights);
  else if (hasValues) // from nowhere that a user could name
    manifest["weights"] = {{"file", ""}, {"sha256", ""}};
  manifest["variables_bytes"] = integer(module, "weir.variables_bytes");
  manifest["variables"] = variables(module);
  manifest["entries"] = entries(module, target);
  if (auto recipe = module->getAttrOfType<DictionaryAttr>("weir.recipe"))
    manifest["recipe"] = toJson(recipe);
  return manifest;
}

} // namespace weir
