//===- Commands.h - the subcommands of `weir`, one file each ---------------------------------===//

#pragma once

#include "llvm/Support/Error.h"
#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <functional>

namespace weir {

/// The exit codes of the command-line contract.
enum ExitCode { Done = 0, UserError = 1, UsageError = 2, InternalError = 70 };

/// Prints what is wrong with the user's input.
inline int fail(llvm::Error error) {
  fmt::print(stderr, "error: {}\n", llvm::toString(std::move(error)));
  return UserError;
}

/// What a subcommand does once the command line is parsed; returns an exit code.
using Action = std::function<int()>;

/// Each adds its subcommand to `app` and, when that is the one chosen, sets `action`.
void addCompileCommand(CLI::App &app, Action &action);
void addRunCommand(CLI::App &app, Action &action);
void addInfoCommand(CLI::App &app, Action &action);
void addGraphCommand(CLI::App &app, Action &action);
void addOptCommand(CLI::App &app, Action &action);
void addOpsCommand(CLI::App &app, Action &action);
void addDevicesCommand(CLI::App &app, Action &action);
void addFuzzCommand(CLI::App &app, Action &action);
void addFmtCommand(CLI::App &app, Action &action);
void addTuneCommand(CLI::App &app, Action &action);
void addTuneWorkerCommand(CLI::App &app, Action &action);

} // namespace weir
