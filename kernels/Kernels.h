//===- Kernels.h - which ops this room can compile -------------------------------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"

namespace weir {

/// True where the op called `opName` ("weir.dense") has a CPU kernel; the row of `weir ops`.
bool hasCpuKernel(llvm::StringRef opName);

} // namespace weir
