// What quantizing a net did: the table behind `weir compile --quantize` and `PROG info`.
//
// Before: tools/quantize/ measures and writes the JSON, which stands in the program's manifest.
// After: both print it through this one function.
#ifndef WEIR_RUNTIME_QUANTIZATION_REPORT_H
#define WEIR_RUNTIME_QUANTIZATION_REPORT_H

#include <cstdio>
#include <nlohmann/json.hpp>

namespace weir {

/// Prints the manifest's `quantization` (its keys in docs/quantization.md) as text.
void printQuantization(const nlohmann::json &report, FILE *out);

} // namespace weir

#endif
