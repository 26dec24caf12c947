//===- FuzzIntegers.h - one net in 8 bits, through passes and a program ----------------------===//

#pragma once

#include "tools/fuzz/FuzzCase.h"

namespace weir {

/// Embeds random weights in the net, quantizes it on random images, and compares the program for
/// `options.target`, a CPU, with the reference: bit for bit where all between images and logits is
/// exact in float32, else as closely as `Expectation` says. Stage "int8".
FuzzVerdict checkNetInIntegers(CompilerOptions options, uint64_t seed);

} // namespace weir
