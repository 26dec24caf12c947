//===- FunctionGraph.cpp - see FunctionGraph.h -----------------------------------------------===//

#include "tools/inspect/FunctionGraph.h"

#include "ir/Builders.h"
#include "ir/Dialect.h"
#include "passes/Views.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace weir {
namespace {

/// Functions with more nodes have their long edges cut, at so many nodes in between.
constexpr size_t longFunction = 200, longEdge = 24;

/// Variables are left out: an op's weights are no news, and there are many.
bool isShown(Operation &op) {
  return !isa<ReadOp, AssignOp, FillOp>(op) &&
         !(isa<ViewOp>(op) && behindViews(op.getOperand(0)).getDefiningOp<ReadOp>());
}

/// What a node is coloured by: "gradient", "update", "product", "kernel", "other".
StringRef familyOf(Operation *op) {
  StringRef name = op->getName().stripDialect();
  if (auto kernel = dyn_cast<KernelOp>(op)) {
    StringRef family = "other";
    for (Operation &inner : kernel.getBody().front())
      if (StringRef found = familyOf(&inner); found != "other")
        family = found;
    return family;
  }
  if (isOptimizer(op))
    return "update";
  if (name.contains("_grad"))
    return "gradient";
  return name.contains("dense") || name.contains("conv2d") ? "product" : "other";
}

std::string shapeOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return !type ? "" : type.getRank() == 0 ? "scalar" : shapeText(type.getShape());
}

/// "dense\nrelu": the ops of a kernel, or the op's own name.
std::string titleOf(Operation *op) {
  auto kernel = dyn_cast<KernelOp>(op);
  if (!kernel)
    return op->getName().stripDialect().str();
  std::string title;
  for (Operation &inner : kernel.getBody().front().without_terminator())
    if (!isa<ViewOp, FillOp>(inner))
      title += (title.empty() ? "" : "\\n") + inner.getName().stripDialect().str();
  return title.empty() ? "copy" : title;
}

class Drawing {
public:
  Drawing(func::FuncOp function, const IrText &text) : text(text) {
    Block &block = function.getBody().front();
    for (BlockArgument argument : block.getArguments())
      ids[argument] = "A" + std::to_string(argument.getArgNumber());
    for (Operation &op : block)
      if (isShown(op))
        number[&op] = number.size();
    cutsLongEdges = number.size() > longFunction;
  }

  std::string draw(func::FuncOp function) {
    llvm::raw_string_ostream out(dot);
    out << "digraph \"" << function.getSymName() << "\" {\n"
        << "  graph [rankdir=TB, nodesep=0.25, ranksep=0.3];\n"
        << "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=11, "
           "margin=\"0.12,0.05\", height=0.2];\n"
        << "  edge [fontname=\"sans-serif\", fontsize=9, arrowsize=0.6];\n";
    for (BlockArgument argument : function.getBody().front().getArguments())
      out << "  " << ids[argument] << " [shape=plain, style=\"\", label=\"%arg"
          << argument.getArgNumber() << "\\n"
          << shapeOf(argument) << "\"];\n";
    for (Operation &op : function.getBody().front())
      if (isShown(op))
        node(op, out);
    out << "}\n";
    return dot;
  }

private:
  void node(Operation &op, llvm::raw_ostream &out) {
    const std::string id = "L" + std::to_string(text.lineOf.lookup(&op));
    std::string label = titleOf(&op);
    if (op.getNumResults() > 0)
      label += "\\n" + shapeOf(op.getResult(0));
    llvm::SetVector<Value> operands(op.operand_begin(), op.operand_end());
    std::string edges;
    for (Value operand : operands) {
      Operation *maker = operand.getDefiningOp();
      if (maker && !number.contains(maker))
        continue;
      if (maker && cutsLongEdges && number[&op] - number[maker] > longEdge) {
        label += "\\nfrom line " + std::to_string(text.lineOf.lookup(maker) + 1);
        continue;
      }
      const std::string from =
          maker ? "L" + std::to_string(text.lineOf.lookup(maker)) : ids.lookup(operand);
      edges += "  " + from + " -> " + id + ";\n";
    }
    out << "  " << id << " [id=\"" << id << "\", class=\"" << familyOf(&op) << "\", label=\""
        << label << "\"];\n"
        << edges;
  }

  const IrText &text;
  llvm::DenseMap<Value, std::string> ids;
  llvm::DenseMap<Operation *, size_t> number;
  bool cutsLongEdges = false;
  std::string dot;
};

} // namespace

std::string dotOf(func::FuncOp function, const IrText &text) {
  return Drawing(function, text).draw(function);
}

} // namespace weir
