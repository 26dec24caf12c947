//===- QuantizeNet.h - a float net and its data become an 8-bit net --------------------------===//
//
// The flow of `weir compile --quantize`: fold and equalize, observe the float net on calibration
// images, choose ranges, quantize, measure both nets on held-out images, and keep layers in float
// until the accuracy is what the file's `quantize` block requires.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/quantize/QuantizeFlags.h"

namespace weir {

/// Quantizes the net of `compiler`, which was loaded with weights: afterwards its module has been
/// through phase "ir" and is quantized, and its manifest has the report. Prints progress to
/// standard error. Returns an exit code, after printing what is wrong.
int quantizeNet(Compiler &compiler, const QuantizeFlags &flags);

} // namespace weir
