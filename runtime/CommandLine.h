// The command line of a produced program: PROG train, check, eval, predict, bench, info, devices.
//
// Main.cpp enters here; each command lives in its own <Name>Command.cpp. Exit codes: 0 done, 1 the
// user's input (one line on stderr) or a net that does not learn its check, 2 usage, 70 internal
// error, 130 (SIGINT) or 143 (SIGTERM) training interrupted and saved.
#ifndef WEIR_RUNTIME_COMMANDLINE_H
#define WEIR_RUNTIME_COMMANDLINE_H

#include "runtime/Program.h"

#include <string_view>

namespace weir {

/// Runs the command that `argv` names on `program` and returns the exit code of the process.
int runProgram(const weir_program &program, int argc, char **argv);

/// Whether a value is missing: an empty word or `--option=`. An unset variable of a script, mostly,
/// which would take the next word for it, or go unnoticed.
bool isEmptyValue(std::string_view argument);

} // namespace weir

#endif
