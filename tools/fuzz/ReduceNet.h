//===- ReduceNet.h - simpler versions of a generated net -------------------------------------===//

#pragma once

#include "tools/check/Reduce.h"
#include "tools/fuzz/FuzzNet.h"

#include <optional>

namespace weir {

/// Versions of `net` with less in it, the boldest first, for `reduce`. Nothing where the frontend
/// refuses one.
std::vector<Simplification<std::optional<FuzzNet>>> simplerNets(const std::optional<FuzzNet> &net);

} // namespace weir
