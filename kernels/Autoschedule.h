//===- Autoschedule.h - a group by Halide's own autoschedulers, for comparison ---------------===//

#pragma once

#include "kernels/Compile.h"

namespace weir {

/// The group's algorithm, without any schedule of ours, scheduled by "Adams2019" or
/// "Mullapudi2016". They are known to take very long, to fail or to crash on some groups: call this
/// in a process of its own.
llvm::Expected<CompiledKernel> compileAutoscheduled(KernelOp kernel, const KernelTarget &target,
                                                    const std::string &scheduler, unsigned threads);

} // namespace weir
