//===- Views.cpp - see Views.h ---------------------------------------------------------------===//

#include "passes/Views.h"
#include "ir/Axes.h"
#include "passes/Remarks.h"

using namespace mlir;

namespace weir {
namespace {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}
int64_t columnsOf(Value value) { return shapeOf(value).empty() ? 1 : shapeOf(value).back(); }

int64_t productOf(ArrayRef<int64_t> extents) {
  int64_t product = 1;
  for (int64_t extent : extents)
    product *= extent;
  return product;
}

/// A tensor seen from one of its dimensions.
struct Cut {
  int64_t outer, inner; ///< elements of the dimensions before and behind it
  bool isLast;
  /// A range of the dimension is a range of each row, or one range of memory.
  bool isPlace() const { return outer == 1 || isLast; }
};
Cut cutOf(Value value, int64_t axis) {
  ArrayRef<int64_t> shape = shapeOf(value);
  const int64_t dimension = dimensionOf(axis, static_cast<int64_t>(shape.size()));
  return {productOf(shape.take_front(dimension)), productOf(shape.drop_front(dimension + 1)),
          dimension + 1 == static_cast<int64_t>(shape.size())};
}
Cut cutOf(ConcatOp concat) { return cutOf(concat.getResult(), concat.getAxis()); }
Cut cutOf(SliceOp slice) { return cutOf(slice.getX(), slice.getAxis()); }

/// Elements of one range of `concat`'s dimension before its operand of that number.
int64_t elementsBefore(ConcatOp concat, unsigned number) {
  int64_t elements = 0;
  for (Value input : concat.getInputs().take_front(number))
    elements += productOf(shapeOf(input));
  return elements / cutOf(concat).outer;
}

int64_t bytesOf(Value value, int64_t elements) {
  return elements * storageOf(value.getType()).bits / 8;
}

/// Whether `value` is returned or assigned, through views.
bool goesOut(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<AssignOp>(user) || user->hasTrait<OpTrait::IsTerminator>() ||
           (isa<ViewOp>(user) && goesOut(user->getResult(0)));
  });
}

/// The concat outside kernels that `value` is an operand of, through views; null where there is
/// none.
OpOperand *concatOf(Value value) {
  for (OpOperand &use : value.getUses()) {
    if (isa<ConcatOp>(use.getOwner()))
      return &use;
    if (auto view = dyn_cast<ViewOp>(use.getOwner()))
      if (OpOperand *part = concatOf(view.getResult()))
        return part;
  }
  return nullptr;
}

/// Where a value lies that lies at `inner` in a value at `outer`.
Place within(const Place &outer, const Place &inner, Value value) {
  if (outer.pitch == 0)
    return {outer.whole, outer.offset + inner.offset, inner.pitch};
  const int64_t columns = columnsOf(inner.whole);
  const bool isOneRow = productOf(shapeOf(value)) == columnsOf(value);
  return {outer.whole, outer.offset + inner.offset / columns * outer.pitch + inner.offset % columns,
          isOneRow ? 0 : outer.pitch};
}

/// Why what `value` is made by cannot write it elsewhere; empty where it can.
std::string reasonAgainstMaker(Value value) {
  Operation *maker = value.getDefiningOp();
  if (!maker)
    return "it is an argument";
  if (isa<ReadOp>(maker))
    return "it is a variable";
  return goesOut(value) ? "its value is returned or assigned" : "";
}

} // namespace

bool joinsRows(ConcatOp concat) { return cutOf(concat).isPlace(); }

Place placeOf(Value value) {
  if (auto view = value.getDefiningOp<ViewOp>())
    return within(placeOf(view.getX()), {view.getX()}, value);
  if (auto slice = value.getDefiningOp<SliceOp>()) {
    const Cut cut = cutOf(slice);
    const Place own{slice.getX(), static_cast<int64_t>(slice.getBegin()) * cut.inner,
                    cut.outer == 1 ? 0 : columnsOf(slice.getX())};
    return within(placeOf(slice.getX()), own, value);
  }
  if (OpOperand *part = concatOf(value)) {
    auto concat = cast<ConcatOp>(part->getOwner());
    const Place own{concat.getResult(), elementsBefore(concat, part->getOperandNumber()),
                    cutOf(concat).outer == 1 ? 0 : columnsOf(concat.getResult())};
    return within(placeOf(concat.getResult()), own, value);
  }
  return {value};
}

ViewChoice::ViewChoice(Block &block, int64_t alignment) : block(block), alignment(alignment) {
  for (auto concat : block.getOps<ConcatOp>())
    consider(concat);
  for (auto slice : block.getOps<SliceOp>())
    consider(slice);
}

void ViewChoice::consider(ConcatOp concat) {
  if (std::string reason = reasonAgainst(concat); !reason.empty()) {
    refusals.emplace_back(concat, nameIn(concat) + " is copied together: " + reason);
    return;
  }
  chosen.insert(concat);
  for (OpOperand &part : concat->getOpOperands()) {
    std::string reason = reasonAgainst(part);
    if (reason.empty()) {
      taken.insert(behindViews(part.get()));
      continue;
    }
    copies.push_back(&part);
    refusals.emplace_back(concat, "operand " + std::to_string(part.getOperandNumber() + 1) +
                                      " of " + nameIn(concat) +
                                      " is copied into its place: " + reason);
  }
}

void ViewChoice::consider(SliceOp slice) {
  if (std::string reason = reasonAgainst(slice); !reason.empty())
    refusals.emplace_back(slice, nameIn(slice) + " is copied out: " + reason);
  else
    chosen.insert(slice);
}

void ViewChoice::tell() const {
  for (Operation &op : block) {
    if (chosen.contains(&op))
      tellDone(&op, remarks::memory,
               nameIn(&op) + (isa<ConcatOp>(op)
                                  ? " moves no data: what it joins is written to its place in it"
                                  : " moves no data: it is read where it lies"));
    for (const auto &[refused, text] : refusals)
      if (refused == &op)
        tellMissed(&op, remarks::memory, text);
  }
}

std::string ViewChoice::reasonAgainst(ConcatOp concat) const {
  const Value whole = concat.getResult();
  if (!joinsRows(concat))
    return "its operands are no ranges of its rows";
  if (goesOut(whole))
    return "its value is returned or assigned";
  std::string reason;
  bool isPossible = false;
  for (OpOperand &part : concat->getOpOperands()) {
    const int64_t begin = bytesOf(whole, elementsBefore(concat, part.getOperandNumber()));
    if (begin % alignment != 0)
      return "operand " + std::to_string(part.getOperandNumber() + 1) + " would begin " +
             std::to_string(begin) + " bytes behind the first, and the device wants multiples of " +
             std::to_string(alignment);
    const std::string against = reasonAgainst(part);
    isPossible |= against.empty();
    if (reason.empty())
      reason = "of operand " + std::to_string(part.getOperandNumber() + 1) + ", " + against;
  }
  return isPossible ? "" : reason;
}

std::string ViewChoice::reasonAgainst(OpOperand &part) const {
  const Value value = behindViews(part.get());
  if (std::string reason = reasonAgainstMaker(value); !reason.empty())
    return reason;
  if (taken.contains(value))
    return "it has a place in a concat already";
  auto concat = cast<ConcatOp>(part.getOwner());
  if (cutOf(concat).outer != 1 && (columnsOf(value) != columnsOf(part.get()) || !keepsRows(value)))
    return "it is used in a shape with other rows";
  return "";
}

std::string ViewChoice::reasonAgainst(SliceOp slice) const {
  if (!cutOf(slice).isPlace())
    return "it is no range of each row";
  if (taken.contains(slice.getResult()))
    return "it has a place in a concat";
  if (goesOut(slice.getResult()))
    return "its value is returned or assigned";
  if (!keepsRows(slice.getResult()))
    return "it is used in a shape with other rows";
  Value whole = behindViews(slice.getX());
  for (auto outer = whole.getDefiningOp<SliceOp>(); outer && chosen.contains(outer);
       outer = whole.getDefiningOp<SliceOp>())
    whole = behindViews(outer.getX());
  if (!whole.getDefiningOp<ReadOp>()) // a variable need not be written elsewhere to be read
    if (std::string reason = reasonAgainstMaker(whole); !reason.empty())
      return "of what it is a part of, " + reason;
  const int64_t begin =
      bytesOf(slice.getX(), static_cast<int64_t>(slice.getBegin()) * cutOf(slice).inner);
  if (alignment != 1 &&
      (begin % alignment != 0 || whole != behindViews(slice.getX()) || taken.contains(whole)))
    return "it begins at " + std::to_string(begin) + " bytes, and the device wants multiples of " +
           std::to_string(alignment) + " from the beginning of a value that is whole";
  return "";
}

bool ViewChoice::keepsRows(Value value) const {
  const int64_t columns = columnsOf(value);
  for (Operation *user : value.getUsers())
    if (auto view = dyn_cast<ViewOp>(user))
      if (columnsOf(view.getResult()) != columns || !keepsRows(view.getResult()))
        return false;
  auto concat = value.getDefiningOp<ConcatOp>();
  if (!concat || !chosen.contains(concat))
    return true;
  return llvm::all_of(concat.getInputs(), [&](Value input) {
    return columnsOf(behindViews(input)) == columnsOf(input) && keepsRows(behindViews(input));
  });
}

} // namespace weir
