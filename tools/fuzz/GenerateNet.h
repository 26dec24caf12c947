//===- GenerateNet.h - random valid nets -----------------------------------------------------===//

#pragma once

#include "tools/fuzz/FuzzNet.h"

#include <optional>

namespace weir {

/// A net that the frontend accepts; the same for the same seed. Calls come from the table of all
/// layers, losses and optimizers (ir/Signatures.h), so an op that is added to the dialect is
/// generated without a line here.
FuzzNet generateNet(uint64_t seed);

/// The shape of the value that the net's logits are made of, without the batch; nothing where the
/// frontend refuses the net.
std::optional<std::vector<int64_t>> shapeOfResult(const FuzzNet &net);

} // namespace weir
