//===- Views.h - values that lie in other values' memory -------------------------------------===//
//
// A `view` is another shape of the same memory. So are, where `ViewChoice` says so, a `slice` of a
// value and the operands of a `concat`: their rows lie in the rows of the whole, a pitch apart.
// Which do is decided in form-groups; from there on, what stands outside kernels moves no data.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"

#include "llvm/ADT/DenseSet.h"
#include <string>
#include <vector>

namespace weir {

/// The value that `value` is another shape of, through any number of views; itself where it is
/// none.
inline mlir::Value behindViews(mlir::Value value) {
  while (auto view = value.getDefiningOp<ViewOp>())
    value = view.getX();
  return value;
}

/// Which concats and slices of a function move no data.
class ViewChoice {
public:
  /// For a device whose kernels want operands at multiples of `alignment` bytes; 1: anywhere.
  ViewChoice(mlir::Block &block, int64_t alignment);

  /// A view, or a concat or slice that is one.
  bool isView(mlir::Operation *op) const { return llvm::isa<ViewOp>(op) || chosen.contains(op); }

  /// Remarks on what was chosen, and on what was not and why.
  void tell() const;

  /// Operands of concats that are views which no kernel can write in place: to be copied there.
  llvm::ArrayRef<mlir::OpOperand *> copied() const { return copies; }

private:
  void consider(ConcatOp concat);
  void consider(SliceOp slice);
  std::string reasonAgainst(ConcatOp concat) const;
  std::string reasonAgainst(SliceOp slice) const;
  std::string reasonAgainst(mlir::OpOperand &part) const;
  /// Whether all that `value` is seen as, and what lies in it, has its rows.
  bool keepsRows(mlir::Value value) const;

  mlir::Block &block;
  const int64_t alignment;
  llvm::DenseSet<mlir::Operation *> chosen;
  llvm::DenseSet<mlir::Value> taken; ///< values that lie in a concat's
  llvm::SmallVector<mlir::OpOperand *> copies;
  std::vector<std::pair<mlir::Operation *, std::string>> refusals;
};

/// Where a value lies, once form-groups has run: in elements from the beginning of `whole`, rows
/// (the last dimension) `pitch` elements apart; 0: they follow each other.
struct Place {
  mlir::Value whole;
  int64_t offset = 0, pitch = 0;
};
Place placeOf(mlir::Value value);

/// True for a concat whose operands may be parts of its rows, or follow each other.
bool joinsRows(ConcatOp concat);

} // namespace weir
