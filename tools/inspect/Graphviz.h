//===- Graphviz.h - `dot`, where it is installed ---------------------------------------------===//

#pragma once

#include "llvm/Support/Error.h"
#include <string>

namespace weir {

/// True where `dot` is on the PATH.
bool hasGraphviz();

/// The drawing of a graph in Graphviz's language, as `format` ("svg", "pdf", "png"). An error where
/// there is no `dot`, where it refuses, or where it takes longer than `seconds`.
llvm::Expected<std::string> drawGraph(const std::string &dot, llvm::StringRef format,
                                      unsigned seconds = 60);

} // namespace weir
