//===- CopyPipeline.h - kernels that only move values ----------------------------------------===//
//
// Instead of emission and templates, for a kernel of one concat, slice, slice_grad or pad: each
// piece of the result is a loop of its own, without a decision for each vector. On CPUs: a GPU
// would launch a kernel for each piece.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/BuildPipeline.h"

#include <optional>

namespace weir::kernels {

/// The pipeline of a kernel that is one such op; none for others.
std::optional<BuiltPipeline> buildCopy(KernelOp kernel, const std::string &symbol,
                                       const KernelTarget &target, const Schedule *given = nullptr);

} // namespace weir::kernels
