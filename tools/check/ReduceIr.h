//===- ReduceIr.h - the smallest module on which a pass still goes wrong ---------------------===//

#pragma once

#include "tools/check/PassCheck.h"

namespace weir {

/// Cuts `failure.before` down to few ops, and sets `failure.message` to what goes wrong there.
/// Stops after `seconds` of processor time.
void reduceFailure(PassFailure &failure, double seconds);

} // namespace weir
