//===- FusePrologues.cpp - batch norm in the copy of an image that windows read --------------===//
//
// Comes after recompute, which repeats for the backward pass what is read there alone, and before
// sink-views, which leaves what is marked here with the image, and form-groups. A depthwise
// convolution and its weight's gradient copy their image anyway, to give it a border of zeros: what
// stands before them is computed in that copy, once for each value, and never written. Without a
// border they read the image itself, every value once for each tap; there nothing is gained.
//
// In a training step of MobileNetV2 that is batch norm and relu6 between an expanding convolution
// and the depthwise one, which both of them and the mask of the backward pass read in their own
// kernels, as the convolution made it.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Window.h"
#include "passes/Passes.h"
#include "passes/Prologues.h"
#include "passes/Remarks.h"
#include "passes/Strips.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"
#include <optional>

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_FUSEPROLOGUES
#include "passes/Passes.h.inc"

SmallVector<Operation *> prologueOf(Operation *op) {
  SmallVector<Operation *> ops;
  for (Value operand : op->getOperands())
    if (Operation *maker = operand.getDefiningOp(); maker && maker->hasAttr(prologueAttribute)) {
      llvm::append_range(ops, prologueOf(maker));
      ops.push_back(maker);
    }
  return ops;
}

namespace {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// The window through which `op` sees its image, operand 0, where its kernel copies that.
std::optional<Window> copiedWindow(Operation *op) {
  const auto window = [](auto windows, Value weight) {
    return windowOf(windows.getX().getType(), {shapeOf(weight).take_front(2), windows.getStride(),
                                               windows.getPadding(), windows.getDilation()});
  };
  const std::optional<Window> seen =
      llvm::TypeSwitch<Operation *, std::optional<Window>>(op)
          .Case([&](DepthwiseConv2dOp conv) { return window(conv, conv.getWeight()); })
          .Case([&](DepthwiseWeightGradOp grad) { return window(grad, grad.getResult()); })
          .Default(std::nullopt);
  return seen && seen->hasBorder() && !op->hasAttr(stripChainAttribute) ? seen : std::nullopt;
}

/// A few operations for each value of one image, with nothing else than numbers of channels.
bool isCheap(Operation *op, RankedTensorType image) {
  return isa<BatchNormOp, BiasAddOp, ReluOp, Relu6Op, LeakyReluOp>(op) &&
         op->getResult(0).getType() == image && op->getOperand(0).getType() == image;
}

/// True where the loops that make what `op` reads take `op` in behind them. Batch norm with the
/// statistics of its own operand has to wait for those.
bool isEpilogue(Operation *op) {
  Operation *maker = op->getOperand(0).getDefiningOp();
  const bool waits = llvm::any_of(op->getOperands(), [&](Value operand) {
    auto stats = operand.getDefiningOp<BatchStatsOp>();
    return stats && stats.getX() == op->getOperand(0);
  });
  return maker && !waits && (maker->hasTrait<TakesEpilogue>() || maker->hasTrait<Pointwise>());
}

/// The ops that make `image` of another one, the last one last, if nobody else reads what is
/// between them and all readers of `image` copy it; else none.
SmallVector<Operation *> chainBefore(Value image) {
  const auto type = cast<RankedTensorType>(image.getType());
  const bool isCopied = llvm::all_of(image.getUses(), [](OpOperand &use) {
    return use.getOperandNumber() == 0 && copiedWindow(use.getOwner());
  });
  if (!isCopied || image.use_empty())
    return {};
  SmallVector<Operation *> chain;
  for (Operation *op = image.getDefiningOp(); op && isCheap(op, type);) {
    chain.insert(chain.begin(), op);
    Value read = op->getOperand(0);
    op = read.hasOneUse() ? read.getDefiningOp() : nullptr;
  }
  return !chain.empty() && !isEpilogue(chain.front()) ? chain : SmallVector<Operation *>();
}

/// Gives each reader of the chain's result a chain of its own.
void repeatAtReaders(ArrayRef<Operation *> chain) {
  Value image = chain.back()->getResult(0);
  for (OpOperand &use : llvm::make_early_inc_range(image.getUses())) {
    OpBuilder builder(use.getOwner());
    IRMapping own;
    for (Operation *op : chain)
      builder.clone(*op, own)->setAttr(prologueAttribute, builder.getUnitAttr());
    use.set(own.lookup(image));
  }
  for (Operation *op : llvm::reverse(chain))
    op->erase();
}

struct FusePrologues : impl::FuseProloguesBase<FusePrologues> {
  void runOnOperation() override {
    if (getOperation()->hasAttr("weir.device"))
      return; // kernels of GPUs copy no images
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Operation &op : llvm::make_early_inc_range(function.getBody().front())) {
        const bool copies = copiedWindow(&op).has_value();
        const SmallVector<Operation *> chain =
            copies ? chainBefore(op.getOperand(0)) : SmallVector<Operation *>();
        if (chain.empty())
          continue;
        for (Operation *made : chain)
          tellDone(made, remarks::fuse,
                   nameIn(made) + " is computed in the copy of the image that " + nameIn(&op) +
                       " reads through its windows: saves " +
                       Twine(byteSize(op.getOperand(0).getType()) / 1024) + " KB written");
        repeatAtReaders(chain);
      }
  }
};

} // namespace
} // namespace weir
