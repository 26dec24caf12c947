//===- Flatten.cpp - see Flatten.h -----------------------------------------------------------===//

#include "kernels/Flatten.h"
#include "ir/Builders.h"

#include "mlir/IR/IRMapping.h"

using mlir::RankedTensorType;
using mlir::Type;

namespace weir::kernels {
namespace {

/// As in ScheduleNest.cpp: elements from which rows are shared among cores, and most tasks.
constexpr int64_t leastParallelElements = 100'000, mostTasks = 16;

/// The shape of all float tensors that are no scalars; null where they differ, or an op looks
/// beyond its own place. Integers are counters: they stay as they are.
RankedTensorType commonType(mlir::Block &body) {
  RankedTensorType common;
  const auto fits = [&](Type type) {
    auto tensor = llvm::cast<RankedTensorType>(type);
    if (!tensor.getElementType().isF32())
      return tensor.getRank() <= 1;
    if (tensor.getRank() == 0)
      return true;
    if (!common)
      common = tensor;
    return common == tensor;
  };
  if (!llvm::all_of(body.getArgumentTypes(), fits))
    return nullptr;
  for (mlir::Operation &op : body.without_terminator())
    if (!(op.hasTrait<Pointwise>() || isOptimizer(&op) || llvm::isa<FillOp, SumOfSquaresOp>(op)) ||
        !llvm::all_of(op.getResultTypes(), fits))
      return nullptr;
  return common;
}

/// No rows, or one for each task of a CPU; null where vectors would not fill them. (Sums have tasks
/// of their own.)
RankedTensorType flatType(RankedTensorType type, const KernelTarget &target, bool sums) {
  const int64_t elements = type.getNumElements();
  if (elements < leastParallelElements || sums || target.isGpu())
    return RankedTensorType::get({elements}, type.getElementType());
  for (int64_t tasks = mostTasks; tasks > 1; --tasks)
    if (elements % (tasks * target.vectorWidth) == 0)
      return RankedTensorType::get({tasks, elements / tasks}, type.getElementType());
  return nullptr;
}

} // namespace

std::unique_ptr<mlir::Block> flatBody(KernelOp kernel, const KernelTarget &target) {
  mlir::Block &body = kernel.getBody().front();
  const RankedTensorType common = commonType(body);
  if (!common || common.getRank() < 2)
    return nullptr;
  const RankedTensorType flat = flatType(common, target, !body.getOps<SumOfSquaresOp>().empty());
  if (!flat)
    return nullptr;
  auto copy = std::make_unique<mlir::Block>();
  mlir::IRMapping mapping;
  for (mlir::BlockArgument argument : body.getArguments())
    mapping.map(argument,
                copy->addArgument(argument.getType() == common ? Type(flat) : argument.getType(),
                                  argument.getLoc()));
  for (mlir::Operation &op : body) {
    mlir::Operation *clone = op.clone(mapping);
    copy->push_back(clone);
    for (mlir::Value result : clone->getResults())
      if (result.getType() == common)
        result.setType(flat);
  }
  return copy;
}

} // namespace weir::kernels
