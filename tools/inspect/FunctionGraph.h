//===- FunctionGraph.h - a function's data flow in Graphviz's language -----------------------===//

#pragma once

#include "tools/inspect/IrText.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace weir {

/// A node for each op (or kernel, with the ops in it), an edge for each value. Reads of variables
/// are left out. A node's id is "L" and its line in `text`. In long functions an edge between ops
/// that stand far apart is told by words in both nodes instead of a line, or nothing could be read.
std::string dotOf(mlir::func::FuncOp function, const IrText &text);

} // namespace weir
