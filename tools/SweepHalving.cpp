//===- SweepHalving.cpp - see SweepHalving.h --------------------------------------------------===//

#include "tools/SweepHalving.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace weir {

static uint64_t power(size_t exponent) {
  uint64_t result = 1;
  while (exponent-- > 0)
    result *= Halving::factor;
  return result;
}

Halving::Halving(uint64_t members, int64_t epochs) : members(members) {
  // As many rungs as leave one member at the end, or one epoch at the beginning.
  while (power(rungCount) <= members && power(rungCount) <= static_cast<uint64_t>(epochs))
    ++rungCount;
}

uint64_t Halving::membersIn(size_t rung) const {
  return std::max<uint64_t>(1, members / power(rung));
}

int64_t Halving::epochsAt(size_t rung, int64_t epochs) const {
  return std::max<int64_t>(1, epochs / static_cast<int64_t>(power(rungCount - 1 - rung)));
}

uint64_t Halving::totalEpochs(int64_t epochs) const {
  uint64_t total = 0;
  for (size_t rung = 0; rung < rungCount; ++rung)
    total += membersIn(rung) * static_cast<uint64_t>(epochsAt(rung, epochs) -
                                                     (rung ? epochsAt(rung - 1, epochs) : 0));
  return total;
}

std::vector<uint64_t> Halving::survivors(size_t rung, std::vector<RungScore> scores) const {
  auto key = [](const RungScore &score) { // NaN ranks last
    return std::tuple(std::isnan(score.accuracy) ? 1.0 : -score.accuracy,
                      std::isnan(score.loss) ? HUGE_VAL : score.loss, score.position);
  };
  std::sort(scores.begin(), scores.end(),
            [&](const RungScore &a, const RungScore &b) { return key(a) < key(b); });
  scores.resize(std::min<size_t>(scores.size(), membersIn(rung + 1)));
  std::vector<uint64_t> positions;
  for (const RungScore &score : scores)
    positions.push_back(score.position);
  std::sort(positions.begin(), positions.end());
  return positions;
}

} // namespace weir
