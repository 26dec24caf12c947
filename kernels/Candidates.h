//===- Candidates.h - which schedules are worth measuring ------------------------------------===//
//
// The tuner's knowledge of the templates: schedules of a group in the order in which a cost model
// would try them, those one step away from a good one, and a good one of another shape carried
// over. No Halide, no measurement; all results pass `checkSchedule`.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/LoopFacts.h"

#include <vector>

namespace weir {

/// Cycles that the model gives a schedule on `threads` cores; only their order means something.
double estimateCycles(const Schedule &schedule, const LoopFacts &facts, const KernelTarget &target,
                      unsigned threads);

/// At most `most` schedules other than the model's choice, the cheapest by `estimateCycles` first.
/// Each differs in a number that the estimate has a say in.
std::vector<Schedule> enumerateSchedules(const LoopFacts &facts, const KernelTarget &target,
                                         unsigned threads, size_t most);

/// Schedules that differ from `schedule` in one number, by up to two steps.
std::vector<Schedule> neighbours(const Schedule &schedule, const LoopFacts &facts,
                                 const KernelTarget &target, unsigned threads);

/// `schedule`, which is good for `from`, made to fit `to`: a loop of the same template and other
/// extents. Nothing where it cannot be.
std::optional<Schedule> transferSchedule(const Schedule &schedule, const LoopFacts &from,
                                         const LoopFacts &to, const KernelTarget &target);

} // namespace weir
