//===- NetGraph.h - the net as papers draw it ------------------------------------------------===//

#pragma once

#include "tools/Summary.h"

namespace weir {

/// Blocks from the input to the result in Graphviz's language: what a function of the model file
/// makes is one block ("fire"), neighbours of one name and result are one block with their number
/// ("fire x 2"), with shapes between them, parameters and multiply-accumulates of one image. Beside
/// them stands what a block of each name is made of. Of a module fresh from the frontend.
std::string drawNet(mlir::ModuleOp module, const NetSummary &summary);

} // namespace weir
