//===- Reproducer.h - what is left behind when weir itself fails -----------------------------===//

#pragma once

#include <string>

namespace weir {

/// Installs handlers for SIGSEGV, SIGABRT, SIGBUS, SIGFPE and SIGILL: they write the command line
/// and the input (see `reproduceWith`) to weir-reproducer-<pid>.txt in the working directory, say
/// how to rerun it, and exit with 70.
void writeReproducerOnCrash(int argc, char **argv);

/// The text to put into a reproducer, e.g. the sources of the file being compiled, or the IR before
/// a pass.
void reproduceWith(std::string text);

/// Reports a bug of ours, writes the reproducer, returns 70.
int reportInternalError(const std::string &message);

} // namespace weir
