//===- KernelCost.h - what a group has to compute and to move --------------------------------===//

#pragma once

#include "ir/Dialect.h"

namespace weir {

/// Counted from shapes, as a roofline wants it: the least that any code has to do.
struct KernelCost {
  int64_t operations = 0; ///< a multiply-accumulate is two
  int64_t bytes = 0;      ///< operands read once, results written once
};

KernelCost costOf(KernelOp kernel);

} // namespace weir
