// Conflicts between launches; see LaunchOrder.h.
#include "runtime/LaunchOrder.h"

#include <algorithm>

namespace weir {

static bool conflict(const std::vector<Access> &some, const std::vector<Access> &others) {
  for (const Access &one : some)
    for (const Access &other : others)
      if ((one.writes || other.writes) && one.begin < other.end && other.begin < one.end)
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
