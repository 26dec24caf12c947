//===- Recompute.cpp - compute cheap values again instead of keeping them --------------------===//
//
// Comes after simplify, when the backward pass stands there, and before ops become kernels. What is
// computed again right before it is read is in the cache then, which large values that were kept
// are not: where only a few additions and comparisons are repeated, CPUs get faster by it. More is
// repeated where bytes are dear (`weir.recompute`, from --memory=small).
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/Recompute.h"
#include "ir/Builders.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/Views.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_RECOMPUTE
#include "passes/Passes.h.inc"

namespace {

int64_t elements(Value value) { return cast<RankedTensorType>(value.getType()).getNumElements(); }

/// One function with a forward and a backward pass.
class Recomputation {
public:
  Recomputation(Block &block, bool small) : block(block), small(small) {
    size_t number = 0;
    for (Operation &op : block)
      position[&op] = number++;
    // The forward pass ends where all that is returned, the loss among it, is there.
    for (Value returned : block.getTerminator()->getOperands())
      if (Operation *maker = behindViews(returned).getDefiningOp())
        forwardEnd = std::max(forwardEnd, position[maker]);
  }

  /// Repeats in the backward pass what is chosen. Returns how many values that are.
  size_t run() {
    keepResults();
    for (Operation &op : block)
      if (isForward(&op) && isCheap(&op) && isWorthIt(&op))
        chosen.insert(&op);
    for (Operation *op : chosen)
      repeat(op);
    return chosen.size();
  }

private:
  /// Where a rectifier's result is part of a concat, its gradient asks for the result, which says
  /// as well on which side a value was: what the rectifier read need not be kept beside it.
  void keepResults() {
    for (Operation &op : block) {
      if (!isa<ReluOp, Relu6Op>(op) || !isPart(op.getResult(0)))
        continue;
      op.getOperand(0).replaceUsesWithIf(op.getResult(0), [&](OpOperand &use) {
        return use.getOperandNumber() == 0 && op.isBeforeInBlock(use.getOwner()) &&
               (isa<ReluOp>(op) ? isa<ReluGradOp>(use.getOwner())
                                : isa<Relu6GradOp>(use.getOwner()));
      });
    }
  }

  static bool isPart(Value value) {
    return llvm::any_of(value.getUsers(), [](Operation *user) {
      auto concat = dyn_cast<ConcatOp>(user);
      return concat && joinsRows(concat);
    });
  }

  bool isForward(Operation *op) const { return position.lookup(op) <= forwardEnd; }
  bool isBackward(Operation *op) const {
    return position.lookup(op) > forwardEnd && !isa<func::ReturnOp, AssignOp>(op);
  }

  /// Reads each operand once and makes one tensor, with a few operations for each value of it.
  bool isCheap(Operation *op) const {
    if (op->getNumResults() != 1 || elements(op->getResult(0)) < smallest())
      return false;
    if (auto concat = dyn_cast<ConcatOp>(op))
      return !joinsRows(concat); // else it is its operands' memory, and costs nothing
    if (isa<BatchNormOp, BiasAddOp, AddOp, SubOp, MulOp, ReluOp, Relu6Op, LeakyReluOp>(op))
      return true;
    return small && !isa<ViewOp, FillOp, ReadOp, RunningAverageOp>(op) &&
           (op->hasTrait<Pointwise>() || isa<MaxPool2dOp, AvgPool2dOp>(op));
  }

  /// In elements. Below 64 KB a value stays in the cache of one core anyway; where bytes are dear,
  /// still a kernel's call costs more than a few KB.
  int64_t smallest() const { return small ? 1024 : 16384; }

  /// The backward ops that read `op`'s result, through views.
  llvm::SetVector<Operation *> lateReaders(Value value) const {
    llvm::SetVector<Operation *> readers;
    for (Operation *user : value.getUsers()) {
      if (auto view = dyn_cast<ViewOp>(user))
        for (Operation *reader : lateReaders(view.getResult()))
          readers.insert(reader);
      else if (isBackward(user))
        readers.insert(user);
    }
    return readers;
  }

  /// Whether `value` is part of a concat that is kept, where it lies: form-groups makes it so.
  bool liesInKept(Value value) const {
    return llvm::any_of(value.getUsers(), [&](Operation *user) {
      if (auto view = dyn_cast<ViewOp>(user))
        return liesInKept(view.getResult());
      auto concat = dyn_cast<ConcatOp>(user);
      return concat && joinsRows(concat) &&
             (!lateReaders(concat.getResult()).empty() || liesInKept(concat.getResult()));
    });
  }

  /// True where the backward pass reads the result, and nothing has to be kept for it that would
  /// not be kept anyway.
  bool isWorthIt(Operation *op) const {
    return !lateReaders(op->getResult(0)).empty() && !liesInKept(op->getResult(0)) &&
           llvm::all_of(op->getOperands(), [&](Value v) { return isKept(v, /*depth=*/0); });
  }

  /// Whether `value`, no view, is there in the backward pass anyway.
  bool stays(Value value) const {
    Operation *maker = value.getDefiningOp();
    return !maker || isa<ReadOp, FillOp>(maker) ||
           (!chosen.contains(maker) &&
            (elements(value) < smallest() || !lateReaders(value).empty() || liesInKept(value)));
  }

  /// Whether `value` is there in the backward pass, or made of what is by cheap ops on the way that
  /// nobody else asks for there.
  bool isKept(Value value, int depth) const {
    value = behindViews(value);
    Operation *maker = value.getDefiningOp();
    if (stays(value))
      return true;
    // Computing what is computed again each time would make chains.
    return !chosen.contains(maker) && depth < longestChain && isCheap(maker) &&
           llvm::all_of(maker->getOperands(), [&](Value v) { return isKept(v, depth + 1); });
  }

  /// Puts copies of `op` and of what it is made of before its first backward reader.
  void repeat(Operation *op) {
    llvm::SetVector<Operation *> readers = lateReaders(op->getResult(0));
    Operation *first = *llvm::min_element(readers, [&](Operation *a, Operation *b) {
      return position.lookup(a) < position.lookup(b);
    });
    if (hasRemarks(op))
      tellDone(op, remarks::memory,
               nameIn(op) + " is made again in the backward pass instead of kept: " +
                   Twine(byteSize(op->getResult(0).getType())) + " bytes");
    OpBuilder builder(first);
    IRMapping again;
    Value copy = copyOf(op->getResult(0), builder, again);
    replaceLate(op->getResult(0), copy, builder);
  }

  Value copyOf(Value value, OpBuilder &builder, IRMapping &again) {
    Operation *maker = value.getDefiningOp();
    const bool isThere = again.contains(value) || (!isa_and_present<ViewOp>(maker) && stays(value));
    if (isThere)
      return again.lookupOrDefault(value);
    for (Value operand : maker->getOperands())
      again.map(operand, copyOf(operand, builder, again));
    Operation *copy = builder.clone(*maker, again);
    copy->setAttr(recomputedAttribute, builder.getUnitAttr());
    return again.lookup(value);
  }

  /// What the backward pass reads of `value` it reads of `copy`, through views of its own.
  void replaceLate(Value value, Value copy, OpBuilder &builder) {
    for (OpOperand &use : llvm::make_early_inc_range(value.getUses())) {
      Operation *user = use.getOwner();
      if (user->hasAttr(recomputedAttribute))
        continue;
      if (auto view = dyn_cast<ViewOp>(user)) {
        if (lateReaders(view.getResult()).empty())
          continue;
        auto again = ViewOp::create(builder, view.getLoc(), view.getType(), copy);
        again->setAttr(recomputedAttribute, builder.getUnitAttr());
        replaceLate(view.getResult(), again.getResult(), builder);
      } else if (isBackward(user)) {
        use.set(copy);
      }
    }
  }

  static constexpr int longestChain = 3;

  Block &block;
  const bool small;
  llvm::DenseMap<Operation *, size_t> position;
  size_t forwardEnd = 0;
  llvm::SetVector<Operation *> chosen;
};

struct Recompute : impl::RecomputeBase<Recompute> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    const bool small = module->hasAttr("weir.recompute");
    Builder builder(&getContext());
    for (auto function : module.getOps<func::FuncOp>()) {
      Block &block = function.getBody().front();
      if (block.getOps<AssignOp>().empty())
        continue; // inference has no backward pass
      function->setAttr("weir.recomputed", builder.getI64IntegerAttr(static_cast<int64_t>(
                                               Recomputation(block, small).run())));
    }
  }
};

} // namespace
} // namespace weir
