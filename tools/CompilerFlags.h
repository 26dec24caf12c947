//===- CompilerFlags.h - the options that `weir compile` and `weir run` share -----------------===//

#pragma once

#include "tools/Compiler.h"

#include <CLI/CLI.hpp>

namespace weir {

/// Adds FILE, --set, --infer-batch, --target, --memory, --jobs, --dump-ir and those of
/// `addTuningFlags` to `command`. `options` must live as long as `command`.
void addCompilerFlags(CLI::App &command, CompilerOptions &options);

/// Adds --memory.
void addMemoryFlag(CLI::App &command, CompilerOptions &options);

/// Adds --database, --threads, --no-tuning and --remarks.
void addTuningFlags(CLI::App &command, CompilerOptions &options);

} // namespace weir
