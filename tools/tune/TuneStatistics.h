//===- TuneStatistics.h - is one kernel really faster than another? --------------------------===//
//
// Pairs of times, taken one right after the other, are compared by the sign test: if both were
// equally fast, each pair would fall either way like a coin. It asks nothing of how times are
// distributed, and a time that something else on the machine spoiled counts as one pair, not more.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/tune/TuneKernel.h"

namespace weir {

/// The probability that at least `faster` of `pairs` fair coins show heads.
double signTest(unsigned faster, unsigned pairs);

double medianOf(std::vector<double> values);

/// What pairs say of the second against the first.
struct TuneVerdict {
  unsigned pairs = 0, faster = 0; ///< in how many the second one was faster
  double first = 0, second = 0;   ///< medians, microseconds
  double ratio = 1;               ///< median of second / first, pair by pair
  double chance = 1;              ///< by the sign test
  bool isFaster(double significance, double leastGain) const {
    return chance <= significance && ratio <= 1 - leastGain && second < first;
  }
};
TuneVerdict judge(const TunePairs &pairs);

} // namespace weir
