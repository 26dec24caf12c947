//===- Flatten.h - pointwise kernels without rows --------------------------------------------===//
//
// Before emission. A kernel whose tensors all have one shape, value by value, does not care where
// rows end; 28x28x3 in rows of 3 values would leave most of each vector empty (relu6 of 5x28x28x3:
// 1.3 us, 12 us in rows; one thread of a 2.5 GHz Xeon, November 2026).
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "kernels/Target.h"

#include <memory>

namespace weir::kernels {

/// A copy of `kernel`'s body on flat tensors (or on as many rows as there are tasks, where these
/// are worth several cores): the same values in the same order in memory. Null where the body is
/// not of that kind, and where its tensors are flat already.
std::unique_ptr<mlir::Block> flatBody(KernelOp kernel, const KernelTarget &target);

} // namespace weir::kernels
