//===- Remarks.h - what a pass did to an op, or why it did not -------------------------------===//
//
// Decisions go to the context's remark engine (MLIR's own), under a category that the user chooses
// by name: `weir compile --remarks=fuse`, and each op's line in the page of `--dump-ir`. Without an
// engine, which is the rule, nothing is put together and nothing is told.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/Twine.h"

namespace weir {

/// The categories of remarks that passes make.
namespace remarks {
inline constexpr llvm::StringLiteral fold = "fold", layout = "layout", fuse = "fuse",
                                     memory = "memory";
} // namespace remarks

/// True where somebody listens: reasons that cost something to find are worth finding.
inline bool hasRemarks(mlir::Operation *op) { return op->getContext()->getRemarkEngine(); }

namespace detail {
using RemarkMaker = mlir::remark::detail::InFlightRemark(mlir::Location, mlir::remark::RemarkOpts);

inline void tell(RemarkMaker make, mlir::Operation *op, llvm::StringRef category,
                 const llvm::Twine &text) {
  if (!hasRemarks(op))
    return;
  auto function = op->getParentOfType<mlir::func::FuncOp>();
  const auto options = mlir::remark::RemarkOpts::name(op->getName().stripDialect())
                           .category(category)
                           .function(function ? function.getSymName() : "");
  if (auto remark = make(op->getLoc(), options)) {
    llvm::SmallString<128> buffer;
    remark << text.toStringRef(buffer);
  }
}
} // namespace detail

/// What was done with `op`.
inline void tellDone(mlir::Operation *op, llvm::StringRef category, const llvm::Twine &text) {
  detail::tell(mlir::remark::passed, op, category, text);
}
/// What could not be done with `op`, and why.
inline void tellMissed(mlir::Operation *op, llvm::StringRef category, const llvm::Twine &text) {
  detail::tell(mlir::remark::missed, op, category, text);
}

/// "'conv2d' (fire_1.conv2d_2)": an op in the text of a remark.
inline std::string nameIn(mlir::Operation *op) {
  std::string name = "'" + op->getName().stripDialect().str() + "'";
  if (auto path = llvm::dyn_cast<mlir::NameLoc>(op->getLoc()))
    name += " (" + path.getName().str() + ")";
  return name;
}

} // namespace weir
