//===- Kernels.h - which ops this room can compile -------------------------------------------===//

#pragma once

#include "kernels/Target.h"

#include "llvm/ADT/StringRef.h"

namespace weir {

/// True where the op called `opName` ("weir.dense") has a kernel for such devices; the row of `weir
/// ops`. One emitter serves all devices; which loops it gets is up to the schedules.
bool hasKernel(llvm::StringRef opName, DeviceKind device);

} // namespace weir
