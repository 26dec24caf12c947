//===- NetGraph.cpp - see NetGraph.h ---------------------------------------------------------===//

#include "tools/inspect/NetGraph.h"

#include "ir/Builders.h"
#include "ir/Dialect.h"
#include "ir/Signatures.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace mlir;

namespace weir {
namespace {

/// Layers that one call of the net's body made.
struct Part {
  std::string path; ///< "fire_1"
  std::vector<Operation *> ops;
  int64_t parameters = 0, macs = 0;
};

/// Neighbouring parts that are drawn as one.
struct Stage {
  std::string name; ///< "fire"
  std::vector<Part> parts;

  Value result() const { return parts.back().ops.back()->getResult(0); }
};

StringRef pathOf(Operation *op) {
  auto location = dyn_cast<NameLoc>(op->getLoc());
  return location ? location.getName().getValue() : op->getName().stripDialect();
}

/// "fire" of "fire_12".
StringRef withoutNumber(StringRef component) {
  const auto [name, number] = component.rsplit('_');
  return !number.empty() && llvm::all_of(number, llvm::isDigit) ? name : component;
}

std::string shapeOf(Value value) { return imageShapeText(value.getType()); }

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3; i -= 3)
    digits.insert(i - 3, ",");
  return digits;
}

std::string shortCount(int64_t number) {
  if (number >= 1'000'000)
    return llvm::formatv("{0:F1} M", double(number) / 1e6);
  return number >= 1000 ? llvm::formatv("{0:F1} k", double(number) / 1e3).str()
                        : std::to_string(number);
}

/// "conv2d 3x3, 64, stride 2": an op and the attributes that a paper's figure gives.
std::string describe(Operation *op) {
  std::string text = op->getName().stripDialect().str();
  if (auto kernel = op->getAttrOfType<DenseI64ArrayAttr>("kernel")) {
    ArrayRef<int64_t> sizes = kernel;
    text += " " + std::to_string(sizes.front()) + "x" + std::to_string(sizes.back());
  }
  for (StringRef name : {"filters", "units"})
    if (auto number = op->getAttrOfType<IntegerAttr>(name))
      text += ", " + std::to_string(number.getInt());
  if (auto stride = op->getAttrOfType<DenseI64ArrayAttr>("stride"))
    if (ArrayRef<int64_t> steps = stride; !steps.empty() && steps.front() != 1)
      text += ", stride " + std::to_string(steps.front());
  return text;
}

class NetDrawing {
public:
  NetDrawing(func::FuncOp infer, const NetSummary &summary) : infer(infer), summary(summary) {
    std::map<std::string, const LayerSummary *> costs;
    for (const LayerSummary &layer : summary.layers)
      costs[layer.path] = &layer;
    std::vector<Part> parts;
    for (Operation &op : infer.getBody().front()) {
      const Signature *signature = findSignature(op.getName().stripDialect());
      if (!signature || signature->category != Category::Layer)
        continue;
      const std::string component = pathOf(&op).split('.').first.str();
      if (parts.empty() || parts.back().path != component)
        parts.push_back({component, {}});
      parts.back().ops.push_back(&op);
      if (auto cost = costs.find(pathOf(&op).str()); cost != costs.end()) {
        parts.back().parameters += cost->second->parameters;
        parts.back().macs += cost->second->macs;
      }
    }
    for (Part &part : parts) {
      const std::string name = withoutNumber(part.path).str();
      const bool repeats =
          !stages.empty() && part.ops.size() > 1 && stages.back().name == name &&
          stages.back().result().getType() == part.ops.back()->getResult(0).getType();
      if (!repeats)
        stages.push_back({name, {}});
      stages.back().parts.push_back(std::move(part));
    }
  }

  std::string draw() {
    out << "digraph \"" << summary.net << "\" {\n"
        << "  graph [rankdir=TB, ranksep=0.28, nodesep=0.3, fontname=\"sans-serif\", fontsize=13, "
           "labelloc=t, label=\""
        << summary.net << ": " << grouped(summary.trainableParameters) << " parameters, "
        << shortCount(summary.macs) << " multiply-accumulates\"];\n"
        << "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#f6f8fa\", "
           "color=\"#8c959f\", fontname=\"sans-serif\", fontsize=11, margin=\"0.15,0.06\"];\n"
        << "  edge [fontname=\"sans-serif\", fontsize=10, fontcolor=\"#59636e\", "
           "color=\"#59636e\", arrowsize=0.7];\n";
    BlockArgument image = infer.getArgument(0);
    out << "  image [shape=plain, style=\"\", label=\"image\"];\n";
    stageOf[image] = "image";
    for (const auto &[i, stage] : llvm::enumerate(stages))
      drawStage(stage, "s" + std::to_string(i));
    out << "  result [shape=plain, style=\"\", label=\"" << summary.classes << " classes\"];\n  "
        << stageOf.lookup(stages.back().result()) << " -> result [label=\" "
        << shapeOf(stages.back().result()) << "\"];\n";
    for (const auto &[name, part] : largestParts())
      drawInside(name, *part);
    out << "}\n";
    return text;
  }

private:
  void drawStage(const Stage &stage, const std::string &id) {
    llvm::SetVector<Value> inputs;
    int64_t parameters = 0, macs = 0;
    for (const Part &part : stage.parts) {
      parameters += part.parameters;
      macs += part.macs;
      for (Operation *op : part.ops) {
        for (Value operand : op->getOperands())
          if (stageOf.contains(operand) && stageOf[operand] != id)
            inputs.insert(operand);
        stageOf[op->getResult(0)] = id;
      }
    }
    const bool isModule = stage.parts.front().ops.size() > 1;
    std::string label = isModule ? stage.name : describe(stage.parts.front().ops.front());
    if (stage.parts.size() > 1)
      label += " \xC3\x97 " + std::to_string(stage.parts.size());
    if (parameters || macs)
      label += "\\n" + grouped(parameters) + " parameters, " + shortCount(macs) + " MACs";
    out << "  " << id << " [label=\"" << label << "\""
        << (isModule ? ", fillcolor=\"#ddf4ff\", color=\"#54aeff\"" : "") << "];\n";
    for (Value input : inputs)
      out << "  " << stageOf[input] << " -> " << id << " [label=\" " << shapeOf(input) << "\"];\n";
  }

  /// The first of the modules with most layers, for each name.
  std::map<std::string, const Part *> largestParts() const {
    std::map<std::string, const Part *> largest;
    for (const Stage &stage : stages)
      for (const Part &part : stage.parts)
        if (const Part *&known = largest[stage.name];
            part.ops.size() > (known ? known->ops.size() : 1))
          known = &part;
    std::erase_if(largest, [](const auto &entry) { return !entry.second; });
    return largest;
  }

  /// What a module is made of.
  void drawInside(const std::string &name, const Part &part) {
    const std::string prefix = "in_" + name + "_";
    out << "  subgraph \"cluster_" << name << "\" {\n    label=\"" << part.path
        << "\"; color=\"#d1d9e0\"; style=rounded; fontsize=11;\n";
    llvm::DenseMap<Value, std::string> inside;
    for (const auto &[i, op] : llvm::enumerate(part.ops)) {
      const std::string id = prefix + std::to_string(i);
      out << "    " << id << " [label=\"" << describe(op) << "\\n"
          << shapeOf(op->getResult(0)) << "\"];\n";
      for (Value operand : llvm::SetVector<Value>(op->operand_begin(), op->operand_end())) {
        auto made = inside.find(operand);
        if (made == inside.end() && stageOf.contains(operand)) { // it enters the module
          made = inside.try_emplace(operand, prefix + "x").first;
          out << "    " << made->second << " [shape=plain, style=\"\", label=\"x  "
              << shapeOf(operand) << "\"];\n";
        }
        if (made != inside.end())
          out << "    " << made->second << " -> " << id << ";\n";
      }
      inside[op->getResult(0)] = id;
    }
    out << "  }\n";
  }

  func::FuncOp infer;
  const NetSummary &summary;
  std::vector<Stage> stages;
  llvm::DenseMap<Value, std::string> stageOf; ///< values of the net's body
  std::string text;
  llvm::raw_string_ostream out{text};
};

} // namespace

std::string drawNet(ModuleOp module, const NetSummary &summary) {
  return NetDrawing(*module.getOps<func::FuncOp>().begin(), summary).draw();
}

} // namespace weir
