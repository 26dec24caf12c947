//===- Views.h - looking through views -------------------------------------------------------===//
//
// A view is an alias: grouping and memory planning ask for the value whose memory it is.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"

namespace weir {

/// The value that `value` is a view of, through any number of views; itself where it is none.
inline mlir::Value behindViews(mlir::Value value) {
  while (auto view = value.getDefiningOp<ViewOp>())
    value = view.getX();
  return value;
}

} // namespace weir
