//===- EightBits.h - a net in 8 bits, for checks without data --------------------------------===//
//
// Random weights, and ranges that the reference sees on random images: good enough to hold passes
// and kernels to, whatever the net would be worth. tools/quantize does it on real data.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/Compiler.h"

namespace weir {

/// Gives each variable the value that `valueFor` makes of `seed`, and drops what trains: what `weir
/// compile --weights` makes.
void embedRandomWeights(mlir::ModuleOp module, uint64_t seed = 1);

/// Quantizes the net of `compiler`, whose variables carry their values and whose phase "ir" has
/// run: equalizes layers, observes them on random images, corrects biases. An error where the
/// values that it sees are not finite, or a pass fails.
llvm::Error quantizeOnRandomImages(Compiler &compiler, uint64_t seed = 1);

/// True where the module has products (conv2d, depthwise_conv2d, dense) and all are of integers: a
/// pass that sums in another order changes no bit of those.
bool multipliesIntegersOnly(mlir::ModuleOp module);

} // namespace weir
