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
      .Case([](Conv2dOp conv) { // 1x1: others are products by now
        return 2 * elementsOf(conv.getResult()) * lastSize(conv.getX());
      })
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

/// What `op` reads of `operand`: a slice its own values, others all of it.
int64_t bytesRead(Operation *op, Value operand) {
  return byteSize(isa<SliceOp>(op) ? op->getResult(0).getType() : operand.getType());
}

/// The value that `operand` is a view of; null for a constant.
Value behindViews(Value operand) {
  while (auto view = operand.getDefiningOp<ViewOp>())
    operand = view.getX();
  return operand.getDefiningOp<FillOp>() ? Value() : operand;
}

/// Operands and results of one op, as if it were alone.
int64_t bytesAlone(Operation *op) {
  llvm::SetVector<Value> operands;
  int64_t bytes = 0;
  for (Value operand : op->getOperands())
    if (Value read = behindViews(operand); read && operands.insert(read))
      bytes += bytesRead(op, read);
  for (Value result : op->getResults())
    bytes += result.use_empty() ? 0 : byteSize(result.getType());
  return bytes;
}

} // namespace

KernelCost costOf(KernelOp kernel) {
  KernelCost cost;
  for (Operation &op : kernel.getBody().front())
    cost.operations += operationsOf(op);
  llvm::SetVector<Value> inputs;
  for (auto [input, argument] :
       llvm::zip_equal(kernel.getInputs(), kernel.getBody().getArguments())) {
    if (!inputs.insert(input))
      continue;
    int64_t read = 0; // two slices of an operand read at most all of it
    for (Operation *user : argument.getUsers())
      read += bytesRead(user, argument);
    cost.bytes += std::min(read, byteSize(input.getType()));
  }
  for (Value result : kernel.getResults())
    cost.bytes += byteSize(result.getType());
  return cost;
}

FusionCost fusionOf(func::FuncOp function) {
  FusionCost cost;
  for (auto kernel : function.getOps<KernelOp>()) {
    ++cost.kernels;
    cost.bytes += costOf(kernel).bytes;
    Block &body = kernel.getBody().front();
    if (llvm::hasSingleElement(body)) { // a copy
      ++cost.ops;
      cost.bytesOneByOne += costOf(kernel).bytes;
    }
    for (Operation &op : body.without_terminator()) {
      const bool isLone = op.getNumOperands() == 0 && llvm::hasNItems(body, 2); // a constant alone
      if (isa<ViewOp>(op) || (isa<FillOp>(op) && !isLone))
        continue;
      ++cost.ops;
      cost.bytesOneByOne += bytesAlone(&op);
    }
  }
  for (Operation &op : function.getBody().front())
    if (isa<ConcatOp, SliceOp>(op)) { // what moves no data now
      ++cost.ops;
      cost.bytesOneByOne += bytesAlone(&op);
    }
  return cost;
}

} // namespace weir
