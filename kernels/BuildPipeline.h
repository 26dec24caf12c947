//===- BuildPipeline.h - one group to one Halide pipeline ------------------------------------===//

#pragma once

#include "kernels/Compile.h"
#include "kernels/Emit.h"

namespace weir::kernels {

/// A scheduled pipeline, and its arguments: the group's operands (the results follow).
struct BuiltPipeline {
  Halide::Pipeline pipeline;
  std::vector<Halide::Argument> arguments;
  LoopFacts loops; ///< of the nest that the group's time goes into
};

/// The pipeline of `kernel`'s region; its outputs are named after `symbol`, which no other kernel
/// of this process has: names that Halide gives out depend on what else compiles at the time, and
/// an object holds its outputs' names. `given` cuts the main loops instead of the model's choice.
/// Throws Halide::Error where Halide refuses it, std::runtime_error where an op has no emitter or
/// `given` does not fit.
BuiltPipeline buildPipeline(KernelOp kernel, const std::string &symbol, const KernelTarget &target,
                            const Schedule *given = nullptr);

/// The group's algorithm alone, with estimates of all extents, for whoever schedules it otherwise.
BuiltPipeline buildAlgorithm(KernelOp kernel, const std::string &symbol,
                             const KernelTarget &target);

/// Compiles a pipeline to `result.object`, and with `wantText` to its loops and assembly.
void compileBuilt(BuiltPipeline &built, const KernelTarget &target, bool wantText,
                  CompiledKernel &result);

} // namespace weir::kernels
