//===- Describe.h - a group's content as text ------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"

#include <string>

namespace weir::kernels {

/// Text that is equal for two kernels exactly where their regions compute the same by the same ops:
/// values are numbered, locations, names and storage left out.
std::string describe(KernelOp kernel);

} // namespace weir::kernels
