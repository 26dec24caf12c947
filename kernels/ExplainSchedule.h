//===- ExplainSchedule.h - a schedule's numbers in words -------------------------------------===//

#pragma once

#include "kernels/LoopFacts.h"

namespace weir {

/// "matrix 80x32x784 as v16n5m4: vectors of 16 values, tiles of 4 rows x 5 vectors (20 of 32 vector
/// registers hold sums), …": what is cut, how, and what of the machine decided it.
std::string explainSchedule(const LoopFacts &facts, const Schedule &schedule,
                            const KernelTarget &target);

} // namespace weir
