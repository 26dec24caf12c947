//===- Noise.h - how much a function amplifies roundings -------------------------------------===//

#pragma once

#include "tools/check/FunctionRun.h"

namespace weir {

/// Runs `function` several times with relative noise of up to `magnitude` on its arguments and on
/// every value between two ops, and calls `visit` with each run. Fails where the reference does.
llvm::LogicalResult forEachNoisyRun(mlir::func::FuncOp function,
                                    llvm::ArrayRef<reference::Tensor> arguments, double magnitude,
                                    uint64_t seed,
                                    llvm::function_ref<void(const FunctionRun &)> visit);

} // namespace weir
