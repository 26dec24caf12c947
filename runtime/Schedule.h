// Learning-rate schedules of the train block: the rate of a step as a pure function of its number.
//
// The calls and their arguments are those of ir/Recipe.td.
#ifndef WEIR_RUNTIME_SCHEDULE_H
#define WEIR_RUNTIME_SCHEDULE_H

#include "runtime/Manifest.h"

namespace weir {

struct ScheduleFacts {
  double learningRate = 0;
  uint64_t totalSteps = 1;
  double stepsPerEpoch = 1;
};

/// The learning rate of step `step` (from 0). constant(warmup), step(every, factor, warmup) by
/// epochs, cosine(warmup, final) (Loshchilov and Hutter 2017, without restarts), linear(warmup,
/// final), one_cycle(rise, start_divisor, final_divisor) (Smith and Topin 2018, cosine flanks).
/// warmup is a number of steps of linear rise; a warmup of all steps or more only rises. Throws
/// InternalError for an unknown call.
double learningRateOf(const Setting &schedule, const ScheduleFacts &facts, uint64_t step);

} // namespace weir

#endif
