//===- KernelCost.cpp - see KernelCost.h -----------------------------------------------------===//

#include "tools/inspect/KernelCost.h"

#include "ir/Window.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace weir {
namespace {

int64_t elementsOf(Value value) { return cast<RankedTensorType>(value.getType()).getNumElements(); }

int64_t lastSize(Value value) { return cast<RankedTensorType>(value.getType()).getShape().back(); }

/// Taps of a depthwise window times the values of its larger side.
template <typename Op> int64_t windowWork(Op op, Value image, ArrayRef<int64_t> kernel) {
  const Window window =
      windowOf(image.getType(), {kernel, op.getStride(), op.getPadding(), op.getDilation()});
  return 2 * window.taps() * window.vertical.output * window.horizontal.output *
         (elementsOf(image) / (window.vertical.input * window.horizontal.input));
}

int64_t operationsOf(Operation &op) {
  return llvm::TypeSwitch<Operation *, int64_t>(&op)
      .Case<DenseOp, PackedDenseOp>(
          [](auto dense) { return 2 * elementsOf(dense.getResult()) * lastSize(dense.getX()); })
      .Case([](DenseInputGradOp grad) {
        return 2 * elementsOf(grad.getResult()) * lastSize(grad.getDy());
      })
      .Case([](DenseWeightGradOp grad) {
        return 2 * elementsOf(grad.getX()) * lastSize(grad.getDy());
      })
      .Case([](DepthwiseConv2dOp conv) { return windowWork(conv, conv.getX(), conv.getKernel()); })
      .Case<DepthwiseInputGradOp>([](auto grad) {
        return windowWork(
            grad, grad.getResult(),
            cast<RankedTensorType>(grad.getWeight().getType()).getShape().take_front(2));
      })
      .Case<DepthwiseWeightGradOp>([](auto grad) {
        return windowWork(
            grad, grad.getX(),
            cast<RankedTensorType>(grad.getResult().getType()).getShape().take_front(2));
      })
      .Case<ViewOp, YieldOp, FillOp, PatchesOp, ConcatOp, SliceOp>(
          [](Operation *) { return int64_t(0); })
      .Default([](Operation *other) {
        int64_t most = 0;
        for (Value value : other->getOperands())
          most = std::max(most, elementsOf(value));
        for (Value value : other->getResults())
          most = std::max(most, elementsOf(value));
        return most;
      });
}

} // namespace

KernelCost costOf(KernelOp kernel) {
  KernelCost cost;
  for (Operation &op : kernel.getBody().front())
    cost.operations += operationsOf(op);
  const llvm::SetVector<Value> inputs(kernel.getInputs().begin(), kernel.getInputs().end());
  for (Value input : inputs)
    cost.bytes += byteSize(input.getType());
  for (Value result : kernel.getResults())
    cost.bytes += byteSize(result.getType());
  return cost;
}

} // namespace weir
