//===- GroupNames.cpp - see GroupNames.h -----------------------------------------------------===//

#include "passes/GroupNames.h"

#include "ir/Builders.h"

using namespace mlir;

namespace weir {

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static std::string sizes(ArrayRef<int64_t> shape) { return shape.empty() ? "1" : shapeText(shape); }

/// The extents of the loop nest: those of a matrix product's three loops, else the result's shape.
static std::string extents(Operation *op) {
  if (auto dense = dyn_cast<DenseOp>(op))
    return sizes(
        {shapeOf(dense.getX())[0], shapeOf(dense.getX())[1], shapeOf(dense.getResult())[1]});
  if (auto dense = dyn_cast<PackedDenseOp>(op))
    return sizes(
        {shapeOf(dense.getX())[0], shapeOf(dense.getX())[1], shapeOf(dense.getResult())[1]});
  if (auto grad = dyn_cast<DenseInputGradOp>(op))
    return sizes(
        {shapeOf(grad.getDy())[0], shapeOf(grad.getDy())[1], shapeOf(grad.getResult())[1]});
  if (auto grad = dyn_cast<DenseWeightGradOp>(op))
    return sizes({shapeOf(grad.getX())[1], shapeOf(grad.getX())[0], shapeOf(grad.getDy())[1]});
  if (isa<SumToOp, CrossEntropyOp>(op))
    return sizes(shapeOf(op->getOperand(0)));
  return sizes(shapeOf(op->getResult(0)));
}

/// What the group works on: the storage of its first quantized value, else f32.
static std::string elements(ArrayRef<Operation *> ops) {
  for (Operation *op : ops) {
    SmallVector<Type> types(op->getOperandTypes());
    llvm::append_range(types, op->getResultTypes());
    for (Type type : types)
      if (isQuantized(type))
        return storageOf(type).name();
  }
  return "f32";
}

std::string groupName(ArrayRef<Operation *> ops) {
  constexpr size_t mostNames = 4;
  std::string name;
  for (Operation *op : ops.take_front(mostNames))
    name += (name.empty() ? "" : "_") + op->getName().stripDialect().str();
  if (ops.size() > mostNames)
    name += "_and_" + std::to_string(ops.size() - mostNames) + "_more";
  return name + "_" + elements(ops) + "_" + extents(ops.front());
}

std::string copyName(Type type) {
  return "copy_" + (isQuantized(type) ? storageOf(type).name() : "f32") + "_" +
         sizes(cast<RankedTensorType>(type).getShape());
}

} // namespace weir
