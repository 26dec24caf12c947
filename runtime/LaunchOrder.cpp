// Conflicts between launches; see LaunchOrder.h.
#include "runtime/LaunchOrder.h"

#include <algorithm>

namespace weir {

// Two values side by side in the rows of a third.
static bool areNeighbours(const Access &one, const Access &other) {
  if (one.pitch == 0 || one.pitch != other.pitch)
    return false;
  const uint64_t back = (one.begin - std::min(one.begin, other.begin)) % one.pitch,
                 forth = (other.begin - std::min(one.begin, other.begin)) % one.pitch,
                 shift = back ? one.pitch - back : forth;
  return shift >= one.width && shift + other.width <= one.pitch;
}

static bool conflict(const std::vector<Access> &some, const std::vector<Access> &others) {
  for (const Access &one : some)
    for (const Access &other : others)
      if ((one.writes || other.writes) && one.begin < other.end && other.begin < one.end &&
          !areNeighbours(one, other))
        return true;
  return false;
}

// From the last backwards, so that what a later one waits for is known by then. A step of 700
// launches compares some million pairs of accesses, once.
std::vector<size_t> LaunchOrder::add(std::vector<Access> accesses) {
  std::vector<size_t> direct;
  std::vector<bool> before(launches.size() + 1, false);
  for (size_t i = launches.size(); i-- > 0;) {
    if (before[i] || !conflict(accesses, launches[i].accesses))
      continue;
    direct.push_back(i);
    for (size_t j = 0; j <= i; ++j)
      before[j] = before[j] || launches[i].before[j];
  }
  before.back() = true;
  launches.push_back({std::move(accesses), std::move(before)});
  return direct;
}

} // namespace weir
