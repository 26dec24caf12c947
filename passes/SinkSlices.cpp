//===- SinkSlices.cpp - see SinkSlices.h -----------------------------------------------------===//
//
// The way back through a fire module: the gradient of its concat is sliced, and each slice goes
// through the relu_grad of its expand. As one relu_grad of the whole it is computed in the loops
// that make the gradient.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/SinkSlices.h"
#include "ir/Axes.h"
#include "passes/Remarks.h"
#include "passes/Views.h"

using namespace mlir;

namespace weir {
namespace {

/// A range of the last dimension, and whose.
struct Part {
  Value whole;
  int64_t begin, end;
};

int64_t columnsOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape().back(); }

bool isAlongRows(int64_t axis, Value value) {
  const int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  return dimensionOf(axis, rank) == rank - 1;
}

/// One concat, and what is applied to its parts.
class PartsOf {
public:
  explicit PartsOf(ConcatOp concat) : concat(concat) {}

  void sink() {
    if (!isAlongRows(concat.getAxis(), concat.getResult()))
      return;
    int64_t begin = 0;
    for (Value input : concat.getInputs()) {
      parts.push_back({input, begin, begin + columnsOf(input)});
      begin = parts.back().end;
    }
    for (Operation *op : llvm::to_vector(parts[0].whole.getUsers()))
      if (op->hasTrait<Pointwise>() && op->getNumResults() == 1 &&
          op->getResult(0).getType() == parts[0].whole.getType())
        if (SmallVector<Operation *> alike = alikeOnAllParts(op); !alike.empty())
          return replace(alike); // its own users are other ones now
  }

private:
  /// The value of which `operand` is the part of that number; null where it is none.
  Value wholeOf(Value operand, size_t number) const {
    const Part &part = parts[number];
    if (operand == part.whole)
      return concat.getResult();
    auto slice = operand.getDefiningOp<SliceOp>();
    const bool fits = slice && slice.getX().getType() == concat.getType() &&
                      isAlongRows(slice.getAxis(), slice.getX()) &&
                      static_cast<int64_t>(slice.getBegin()) == part.begin &&
                      static_cast<int64_t>(slice.getEnd()) == part.end;
    return fits ? slice.getX() : Value();
  }

  SmallVector<Value> wholesOf(Operation *op, size_t number) const {
    SmallVector<Value> wholes;
    for (Value operand : op->getOperands())
      wholes.push_back(wholeOf(operand, number));
    return wholes;
  }

  /// `op`, which is applied to the first part, and what does the same with the others; empty where
  /// one is missing, where it needs more than parts, and where nothing of it is sliced.
  SmallVector<Operation *> alikeOnAllParts(Operation *op) const {
    const SmallVector<Value> wholes = wholesOf(op, 0);
    const bool isSliced = llvm::any_of(
        op->getOperands(), [](Value operand) { return operand.getDefiningOp<SliceOp>(); });
    if (!isSliced || llvm::is_contained(wholes, Value()) || !concat->isBeforeInBlock(op))
      return {};
    SmallVector<Operation *> alike{op};
    for (size_t number = 1; number < parts.size(); ++number) {
      Operation *other = nullptr;
      for (Operation *user : parts[number].whole.getUsers())
        if (!other && user->getName() == op->getName() &&
            user->getAttrDictionary() == op->getAttrDictionary() &&
            wholesOf(user, number) == wholes)
          other = user;
      if (!other || llvm::is_contained(alike, other) || !concat->isBeforeInBlock(other))
        return {};
      alike.push_back(other);
    }
    return alike;
  }

  void replace(ArrayRef<Operation *> alike) const {
    Operation *first =
        *llvm::min_element(alike, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    tellDone(first, remarks::layout,
             nameIn(first) + " is computed on the whole of which it takes a part");
    OpBuilder builder(first);
    SmallVector<Location> locations;
    for (Operation *op : alike)
      locations.push_back(op->getLoc());
    OperationState state(builder.getFusedLoc(locations), first->getName());
    state.addOperands(wholesOf(alike[0], 0));
    state.addTypes(concat.getType());
    state.addAttributes(first->getAttrs());
    Value whole = builder.create(state)->getResult(0);
    for (auto [op, part] : llvm::zip_equal(alike, parts)) {
      auto slice =
          SliceOp::create(builder, op->getLoc(), whole, builder.getI64IntegerAttr(part.begin),
                          builder.getI64IntegerAttr(part.end), concat.getAxisAttr());
      op->getResult(0).replaceAllUsesWith(slice.getResult());
    }
    for (Operation *op : alike)
      op->erase();
  }

  mutable ConcatOp concat; // a handle, whose functions are not const
  SmallVector<Part> parts;
};

} // namespace

void sinkSlices(Block &block) {
  for (auto concat : llvm::to_vector(block.getOps<ConcatOp>()))
    PartsOf(concat).sink();
}

} // namespace weir
