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

DictionaryAttr describe(Operation *end, const Ops &ops) {
  Builder builder(end->getContext());
  llvm::StringSet<> layers;
  int64_t parameters = 0;
  auto module = end->getParentOfType<ModuleOp>();
  for (Operation *op : ops) {
    layers.insert(pathOf(op));
    if (auto read = dyn_cast<ReadOp>(op))
      if (auto variable = module.lookupSymbol<VariableOp>(read.getVariable());
          variable.isTrainable())
        parameters += read.getType().getNumElements();
  }
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("at", LocationAttr(end->getLoc())),
       builder.getNamedAttr("layer", builder.getStringAttr(pathOf(end))),
       builder.getNamedAttr("layers", builder.getI64IntegerAttr(int64_t(layers.size()))),
       builder.getNamedAttr("parameters", builder.getI64IntegerAttr(parameters))});
}

} // namespace

void eraseUnusedLayers(func::FuncOp function, Value logits) {
  const Ops used = usedOps(function, logits);
  Ops told;
  SmallVector<Attribute> descriptions;
  Block &block = function.getBody().front();
  for (Operation &op : llvm::reverse(block)) {
    // From the end of the block, the first that comes is nobody's operand. Running averages are
    // told of with their layer.
    if (used.contains(&op) || told.contains(&op) || isa<AssignOp, RunningAverageOp, ReadOp>(op))
      continue;
    Ops ops;
    collect(&op, ops, used);
    descriptions.push_back(describe(&op, ops));
    told.insert_range(ops);
  }
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (!used.contains(&op))
      op.erase();
  if (!descriptions.empty()) {
    std::reverse(descriptions.begin(), descriptions.end()); // as they stand in the file
    function->getParentOfType<ModuleOp>()->setAttr(
        "weir.unused", ArrayAttr::get(function.getContext(), descriptions));
  }
}

void eraseUnreadVariables(ModuleOp module) {
  llvm::StringSet<> read;
  module.walk([&](ReadOp op) { read.insert(op.getVariable()); });
  for (auto variable : llvm::make_early_inc_range(module.getOps<VariableOp>()))
    if (!read.contains(variable.getSymName()))
      variable.erase();
}

} // namespace weir
