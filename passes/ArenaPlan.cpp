//===- ArenaPlan.cpp - see ArenaPlan.h -------------------------------------------------------===//

#include "passes/ArenaPlan.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace weir {

size_t ArenaPlan::add(int64_t bytes, int64_t first, int64_t last) {
  buffers.push_back({aligned(bytes, alignment), first, last});
  return buffers.size() - 1;
}

void ArenaPlan::plan() {
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(-buffers[a].bytes, a) < std::pair(-buffers[b].bytes, b);
  });
  std::vector<size_t> placed; // by offset
  total = 0;
  for (size_t number : order) {
    Buffer &buffer = buffers[number];
    int64_t offset = 0;
    for (size_t other : placed) {
      const Buffer &taken = buffers[other];
      const bool together = taken.first <= buffer.last && buffer.first <= taken.last;
      if (!together || taken.offset + taken.bytes <= offset)
        continue;
      if (offset + buffer.bytes <= taken.offset)
        break; // fits into the gap
      offset = taken.offset + taken.bytes;
    }
    buffer.offset = offset;
    total = std::max(total, offset + buffer.bytes);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), number,
                         [&](size_t a, size_t b) { return buffers[a].offset < buffers[b].offset; }),
        number);
  }
}

int64_t ArenaPlan::lowerBound() const {
  std::map<int64_t, int64_t> change; // bytes that begin or end to live at a step
  for (const Buffer &buffer : buffers) {
    change[buffer.first] += buffer.bytes;
    change[buffer.last + 1] -= buffer.bytes;
  }
  int64_t alive = 0, largest = 0;
  for (auto [step, bytes] : change)
    largest = std::max(largest, alive += bytes);
  return largest;
}

} // namespace weir
