// Learning-rate schedules; see Schedule.h.
#include "runtime/Schedule.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cmath>

namespace weir {

// From `from` at 0 to `to` at 1, half a cosine.
static double cosineBetween(double from, double to, double part) {
  return to +
         (from - to) * 0.5 * (1 + std::cos(3.14159265358979323846 * std::clamp(part, 0.0, 1.0)));
}

double learningRateOf(const Setting &schedule, const ScheduleFacts &facts, uint64_t step) {
  const double rate = facts.learningRate, at = double(step), total = double(facts.totalSteps);
  const std::string &call = schedule.call;
  if (call == "one_cycle") {
    double start = rate / schedule.number("start_divisor", 25.0);
    double end = start / schedule.number("final_divisor", 1e4);
    double top = schedule.number("rise", 0.3) * total;
    return at < top ? cosineBetween(start, rate, at / top)
                    : cosineBetween(rate, end, (at - top) / std::max(1.0, total - 1 - top));
  }

  const double warmup = schedule.number("warmup", 0);
  if (at < warmup)
    return rate * (at + 1) / warmup;
  const double part = (at - warmup) / std::max(1.0, total - warmup);
  const double final = schedule.number("final", 0.0) * rate;
  if (call == "constant")
    return rate;
  if (call == "step") {
    double every = std::max(1.0, schedule.number("every", 1)) * facts.stepsPerEpoch;
    return rate * std::pow(schedule.number("factor", 0.1), std::floor(at / every));
  }
  if (call == "cosine")
    return cosineBetween(rate, final, part);
  if (call == "linear")
    return rate + (final - rate) * std::min(1.0, part);
  failInternally("the recipe's schedule '%s' is unknown to the runtime", call.c_str());
}

} // namespace weir
