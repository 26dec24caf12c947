//===- Flatten.cpp - see Flatten.h -----------------------------------------------------------===//

#include "kernels/Flatten.h"
#include "ir/Builders.h"
#include "kernels/LoopFacts.h"

#include "mlir/IR/IRMapping.h"

using mlir::RankedTensorType;
using mlir::Type;

namespace weir::kernels {
namespace {

/// The shape of all tensors that are no scalars; none where they differ, where scales belong to
/// channels, or an op looks beyond its own place. Plain integers are counters: they stay as they
/// are.
llvm::SmallVector<int64_t> commonShape(mlir::Block &body) {
  llvm::SmallVector<int64_t> common;
  const auto fits = [&](Type type) {
    auto tensor = llvm::cast<RankedTensorType>(type);
    const std::optional<Quantization> quantized = quantizationOf(tensor);
    if (!quantized && !tensor.getElementType().isF32())
      return tensor.getRank() <= 1;
    if (tensor.getRank() == 0)
      return true;
    if (common.empty())
      llvm::append_range(common, tensor.getShape());
    return tensor.getShape() == llvm::ArrayRef<int64_t>(common) && !(quantized && quantized->axis);
  };
  if (!llvm::all_of(body.getArgumentTypes(), fits))
    return {};
  for (mlir::Operation &op : body.without_terminator())
    if (!(op.hasTrait<Pointwise>() || isOptimizer(&op) || llvm::isa<FillOp, SumOfSquaresOp>(op)) ||
        !llvm::all_of(op.getResultTypes(), fits))
      return {};
  return common;
}

/// No rows, or one for each task of a CPU; nothing where vectors would not fill them. (Sums have
/// tasks of their own.)
llvm::SmallVector<int64_t> flatShape(int64_t elements, const KernelTarget &target, bool sums) {
  if (elements < leastParallelElements || sums || target.isGpu())
    return {elements};
  for (int64_t tasks = mostRowTasks; tasks > 1; --tasks)
    if (elements % (tasks * target.vectorWidth) == 0)
      return {tasks, elements / tasks};
  return {};
}

} // namespace

std::unique_ptr<mlir::Block> flatBody(KernelOp kernel, const KernelTarget &target) {
  mlir::Block &body = kernel.getBody().front();
  for (unsigned i = 0; i < kernel.getNumOperands(); ++i)
    if (kernel.inputPitch(i) != 0)
      return nullptr; // rows do end somewhere
  for (unsigned i = 0; i < kernel.getNumResults(); ++i)
    if (kernel.outputPitch(i) != 0)
      return nullptr;
  const llvm::SmallVector<int64_t> common = commonShape(body);
  if (common.size() < 2)
    return nullptr;
  const llvm::SmallVector<int64_t> flat = flatShape(mlir::ShapedType::getNumElements(common),
                                                    target, !body.getOps<SumOfSquaresOp>().empty());
  if (flat.empty())
    return nullptr;
  const auto flatType = [&](Type type) -> Type {
    auto tensor = llvm::cast<RankedTensorType>(type);
    return tensor.getShape() == llvm::ArrayRef<int64_t>(common) ? tensor.clone(flat) : tensor;
  };
  auto copy = std::make_unique<mlir::Block>();
  mlir::IRMapping mapping;
  for (mlir::BlockArgument argument : body.getArguments())
    mapping.map(argument, copy->addArgument(flatType(argument.getType()), argument.getLoc()));
  for (mlir::Operation &op : body) {
    mlir::Operation *clone = op.clone(mapping);
    copy->push_back(clone);
    for (mlir::Value result : clone->getResults())
      result.setType(flatType(result.getType()));
  }
  return copy;
}

} // namespace weir::kernels
