//===- MemoryReport.h - what --memory=small and fast take
//--------------------------------------===//

#pragma once

#include "tools/Compiler.h"

namespace weir {

/// One line: the training step's arena with --memory=small and with fast, and what the first
/// computes again for it. Runs the passes once more to know the other; "" for a net that does not
/// train. After "memory", of a compiler with `options`.
std::string memoryReport(Compiler &compiler, CompilerOptions options);

} // namespace weir
