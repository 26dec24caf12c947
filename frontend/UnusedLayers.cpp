// Marks backwards from the logits. A layer is whole or not there: its ops have one path.
#include "frontend/UnusedLayers.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace weir {
namespace {

using Ops = llvm::SetVector<Operation *>;

/// The path of the layer that `op` is part of.
StringRef pathOf(Operation *op) {
  auto name = dyn_cast<NameLoc>(op->getLoc());
  return name ? name.getName().getValue() : StringRef();
}

/// Adds `op` and all that it needs, except what `others` have.
void collect(Operation *op, Ops &ops, const Ops &others = {}) {
  if (!op || others.contains(op))
    return;
  size_t next = ops.size();
  for (ops.insert(op); next < ops.size(); ++next)
    for (Value operand : ops[next]->getOperands())
      if (Operation *maker = operand.getDefiningOp(); maker && !others.contains(maker))
        ops.insert(maker);
}

Ops usedOps(func::FuncOp function, Value logits) {
  Ops used;
  collect(logits.getDefiningOp(), used);
  llvm::StringSet<> paths;
  for (Operation *op : used)
    paths.insert(pathOf(op));
  for (auto assign : function.getOps<AssignOp>())
    if (paths.contains(pathOf(assign)))
      collect(assign, used);
  return used;
}

/// Layers that nothing that is returned needs, and that hang together.
struct UnusedPart {
  SmallVector<Operation *> ends; ///< whose results nobody reads, last first
  Ops ops;
};

DictionaryAttr describe(const UnusedPart &part) {
  Operation *first = part.ends.back();
  Builder builder(first->getContext());
  llvm::StringSet<> layers;
  int64_t parameters = 0;
  auto module = first->getParentOfType<ModuleOp>();
  for (Operation *op : part.ops) {
    layers.insert(pathOf(op));
    if (auto read = dyn_cast<ReadOp>(op))
      if (auto variable = module.lookupSymbol<VariableOp>(read.getVariable());
          variable.isTrainable())
        parameters += read.getType().getNumElements();
  }
  SmallVector<Attribute> results;
  for (Operation *end : llvm::reverse(part.ends))
    results.push_back(builder.getStringAttr(pathOf(end)));
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("at", LocationAttr(first->getLoc())),
       builder.getNamedAttr("layers", builder.getI64IntegerAttr(int64_t(layers.size()))),
       builder.getNamedAttr("parameters", builder.getI64IntegerAttr(parameters)),
       builder.getNamedAttr("results", builder.getArrayAttr(results))});
}

/// Of what is not used, in the order of the file.
std::vector<UnusedPart> unusedParts(Block &block, const Ops &used) {
  std::vector<UnusedPart> parts;
  for (Operation &op : llvm::reverse(block)) {
    const auto isTold = [&](const UnusedPart &part) { return part.ops.contains(&op); };
    // From the end of the block, the first that comes is nobody's operand. Running averages are
    // told of with their layer.
    if (used.contains(&op) || isa<AssignOp, RunningAverageOp, ReadOp>(op) ||
        llvm::any_of(parts, isTold))
      continue;
    UnusedPart part;
    part.ends.push_back(&op);
    collect(&op, part.ops, used);
    for (UnusedPart &other : parts)
      if (llvm::any_of(other.ops, [&](Operation *shared) { return part.ops.contains(shared); })) {
        part.ends.insert(part.ends.begin(), other.ends.begin(), other.ends.end());
        part.ops.insert_range(other.ops);
        other.ops.clear();
      }
    llvm::erase_if(parts, [](const UnusedPart &other) { return other.ops.empty(); });
    parts.push_back(std::move(part));
  }
  std::reverse(parts.begin(), parts.end());
  return parts;
}

} // namespace

void eraseUnusedLayers(func::FuncOp function, Value logits) {
  const Ops used = usedOps(function, logits);
  Block &block = function.getBody().front();
  SmallVector<Attribute> descriptions;
  for (const UnusedPart &part : unusedParts(block, used))
    descriptions.push_back(describe(part));
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (!used.contains(&op))
      op.erase();
  if (!descriptions.empty())
    function->getParentOfType<ModuleOp>()->setAttr(
        "weir.unused", ArrayAttr::get(function.getContext(), descriptions));
}

void eraseUnreadVariables(ModuleOp module) {
  llvm::StringSet<> read;
  module.walk([&](ReadOp op) { read.insert(op.getVariable()); });
  for (auto variable : llvm::make_early_inc_range(module.getOps<VariableOp>()))
    if (!read.contains(variable.getSymName()))
      variable.erase();
}

} // namespace weir
