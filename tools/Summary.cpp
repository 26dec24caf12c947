//===- Summary.cpp - see Summary.h -----------------------------------------------------------===//

#include "tools/Summary.h"

#include "ir/Dialect.h"
#include "ir/Signatures.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace weir {

std::string sourceText(Location location) {
  std::string text;
  location->walk([&](Location part) {
    auto file = dyn_cast<FileLineColLoc>(part);
    if (!file)
      return WalkResult::advance();
    text = file.getFilename().str() + ":" + std::to_string(file.getLine()) + ":" +
           std::to_string(file.getColumn());
    return WalkResult::interrupt();
  });
  return text;
}

static std::string pathOf(Location location) {
  auto name = dyn_cast<NameLoc>(location);
  return name ? name.getName().str() : "";
}

static std::vector<int64_t> imageShape(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape().drop_front();
  return {shape.begin(), shape.end()};
}

static void addVariable(LayerSummary &layer, VariableOp variable) {
  const int64_t count = variable.getTensorType().getNumElements();
  (variable.isTrainable() ? layer.parameters : layer.statistics) += count;
  if (variable.getSymName().ends_with(".weight"))
    layer.init = cast<StringAttr>(variable.getInit().get("kind")).str();
}

NetSummary summarize(ModuleOp module) {
  NetSummary summary;
  summary.net = module->getAttrOfType<StringAttr>("weir.net").str();
  for (auto variable : module.getOps<VariableOp>()) {
    const int64_t count = variable.getTensorType().getNumElements();
    summary.totalParameters += variable.getKind() == "optimizer" ? 0 : count;
    summary.trainableParameters += variable.isTrainable() ? count : 0;
  }
  SymbolTable symbols(module);
  auto infer = *module.getOps<func::FuncOp>().begin(); // the frontend puts inference first
  summary.inputShape = imageShape(infer.getArgumentTypes()[0]);
  summary.classes = cast<RankedTensorType>(infer.getResultTypes()[0]).getShape().back();
  for (Operation &op : infer.getBody().front()) {
    const Signature *signature = findSignature(op.getName().stripDialect());
    if (!signature || signature->category != Category::Layer)
      continue;
    LayerSummary layer;
    layer.path = pathOf(op.getLoc());
    layer.op = signature->name.str();
    layer.outputShape = imageShape(op.getResult(0).getType());
    layer.source = sourceText(op.getLoc());
    for (Value operand : op.getOperands())
      if (auto read = operand.getDefiningOp<ReadOp>())
        addVariable(layer, symbols.lookup<VariableOp>(read.getVariable()));
    if (auto costly = dyn_cast<LayerOpInterface>(op))
      layer.macs = costly.countMacs();
    summary.macs += layer.macs;
    summary.layers.push_back(std::move(layer));
  }
  return summary;
}

nlohmann::ordered_json toJson(const NetSummary &summary) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const LayerSummary &layer : summary.layers)
    layers.push_back({{"path", layer.path},
                      {"op", layer.op},
                      {"output_shape", layer.outputShape},
                      {"parameters", layer.parameters},
                      {"statistics", layer.statistics},
                      {"macs", layer.macs},
                      {"init", layer.init},
                      {"source", layer.source}});
  return {{"net", summary.net},
          {"input_shape", summary.inputShape},
          {"classes", summary.classes},
          {"trainable_parameters", summary.trainableParameters},
          {"total_parameters", summary.totalParameters},
          {"macs", summary.macs},
          {"layers", layers}};
}

nlohmann::ordered_json toJson(Attribute attribute) {
  using Json = nlohmann::ordered_json;
  return llvm::TypeSwitch<Attribute, Json>(attribute)
      .Case([](DictionaryAttr dictionary) {
        Json object = Json::object();
        for (NamedAttribute entry : dictionary)
          object[entry.getName().str()] = toJson(entry.getValue());
        return object;
      })
      .Case([](ArrayAttr array) {
        Json list = Json::array();
        for (Attribute element : array)
          list.push_back(toJson(element));
        return list;
      })
      .Case([](DenseI64ArrayAttr array) { return Json(std::vector<int64_t>(array.asArrayRef())); })
      .Case([](BoolAttr flag) { return Json(flag.getValue()); })
      .Case([](IntegerAttr integer) { return Json(integer.getInt()); })
      .Case([](FloatAttr number) { return Json(number.getValueAsDouble()); })
      .Case([](StringAttr text) { return Json(text.str()); })
      .Default(Json(nullptr));
}

} // namespace weir
