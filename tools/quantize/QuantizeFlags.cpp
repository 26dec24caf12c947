//===- QuantizeFlags.cpp - see QuantizeFlags.h -----------------------------------------------===//

#include "tools/quantize/QuantizeFlags.h"

#include "runtime/QuantizationReport.h"
#include "tools/Commands.h"

#include <fmt/core.h>

namespace weir {

void addQuantizeFlags(CLI::App &command, CompilerOptions &options, QuantizeFlags &flags) {
  command.add_flag("--quantize", options.quantize,
                   "make an 8-bit net of the --weights, as the file's quantize block says");
  command.add_option("--data", flags.data,
                     "with --quantize: the folder of the data set; default: $WEIR_DATA/<its name>");
  command.add_option("--calibration-table", flags.table,
                     "with --quantize: what was observed; used if the file exists, else written");
}

int checkQuantizeFlags(const CompilerOptions &options, const QuantizeFlags &flags) {
  const char *error = nullptr;
  if (options.quantize && options.weights.empty())
    error = "--quantize expects the trained weights: --weights FILE.safetensors";
  else if (!options.quantize && !flags.table.empty())
    error = "--calibration-table expects --quantize";
  else if (!options.quantize && !flags.data.empty())
    error = "--data expects --quantize; a program takes its own --data";
  if (!error)
    return Done;
  fmt::print(stderr, "error: {}\n", error);
  return UserError;
}

void printQuantization(const Compiler &compiler, bool asJson, FILE *out) {
  const nlohmann::ordered_json &report = compiler.quantizationReport();
  if (asJson)
    fmt::print(out, "{}\n", report.dump(2));
  else
    printQuantization(nlohmann::json(report), out);
}

} // namespace weir
