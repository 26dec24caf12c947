//===- QuantizeFlags.h - --quantize of `weir compile` and `weir run` -------------------------===//

#pragma once

#include "tools/Compiler.h"

#include <CLI/CLI.hpp>

namespace weir {

/// What goes with --quantize, which itself is in CompilerOptions.
struct QuantizeFlags {
  std::string data;  ///< --data: the folder of the data set; empty: $WEIR_DATA/<name>
  std::string table; ///< --calibration-table: read if it exists, else written; or empty
};

/// Adds --quantize, --data and --calibration-table to `command`; both structs must live as long.
void addQuantizeFlags(CLI::App &command, CompilerOptions &options, QuantizeFlags &flags);

/// What speaks against these flags, before anything is read. Returns an exit code, after printing.
int checkQuantizeFlags(const CompilerOptions &options, const QuantizeFlags &flags);

/// Prints the report of a quantized net, as a table or as one JSON document.
void printQuantization(const Compiler &compiler, bool asJson, FILE *out);

} // namespace weir
