//===- BuildPipeline.h - one group to one Halide pipeline ------------------------------------===//

#pragma once

#include "kernels/Emit.h"

namespace weir::kernels {

/// A scheduled pipeline, and its arguments: the group's operands (the results follow).
struct BuiltPipeline {
  Halide::Pipeline pipeline;
  std::vector<Halide::Argument> arguments;
};

/// The pipeline of `kernel`'s region; its outputs are named after `symbol`, which no other kernel
/// of this process has: names that Halide gives out depend on what else compiles at the time, and
/// an object holds its outputs' names. Throws Halide::Error where Halide refuses it,
/// std::runtime_error where an op has no emitter.
BuiltPipeline buildPipeline(KernelOp kernel, const std::string &symbol, const KernelTarget &target);

} // namespace weir::kernels
