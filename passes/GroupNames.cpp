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

/// The name of convolutions that share strips; empty of others.
static std::string stripsName(ArrayRef<Operation *> ops) {
  SmallVector<Conv2dOp> products;
  DepthwiseConv2dOp depthwise;
  for (Operation *op : ops)
    if (auto product = dyn_cast<Conv2dOp>(op))
      products.push_back(product);
    else if (auto conv = dyn_cast<DepthwiseConv2dOp>(op))
      depthwise = conv;
  if (products.empty() || !depthwise)
    return "";
  SmallVector<int64_t> extents(shapeOf(depthwise.getX()));
  if (products.size() > 1)
    extents.insert(extents.begin() + 3, shapeOf(products.front().getX())[3]);
  extents.push_back(shapeOf(products.back().getResult())[3]);
  return (products.size() > 1 ? "inverted_residual_" : "depthwise_separable_") + elements(ops) +
         "_" + sizes(extents);
}

std::string groupName(ArrayRef<Operation *> ops) {
  if (std::string name = stripsName(ops); !name.empty())
    return name;
  constexpr size_t mostNames = 4;
  SmallVector<Operation *> named;
  for (Operation *op : ops)
    if (!isa<ViewOp>(op))
      named.push_back(op);
  std::string name;
  for (Operation *op : ArrayRef(named).take_front(mostNames))
    name += (name.empty() ? "" : "_") + op->getName().stripDialect().str();
  if (named.size() > mostNames)
    name += "_and_" + std::to_string(named.size() - mostNames) + "_more";
  // Windows that a product takes in are part of its loops, and so is what stands before a window.
  Operation **main = llvm::find_if(named, [](Operation *op) { return !op->hasTrait<Pointwise>(); });
  if (main == named.end())
    main = named.begin();
  else if (isa<PatchesOp>(*main) && main + 1 != named.end())
    ++main;
  return name + "_" + elements(ops) + "_" + extents(*main);
}

std::string copyName(Type type) {
  return "copy_" + (isQuantized(type) ? storageOf(type).name() : "f32") + "_" +
         sizes(cast<RankedTensorType>(type).getShape());
}

} // namespace weir
