//===- TuneKernel.cpp - see TuneKernel.h -----------------------------------------------------===//

#include "tools/tune/TuneKernel.h"

#include <algorithm>
#include <cmath>

namespace weir {

int64_t countSets(int64_t bytes, const TuneSetting &setting) {
  constexpr int64_t mostBytes = 64 << 20, mostSets = 256; // all sets together
  return std::clamp(std::min(setting.stepBytes, mostBytes) / std::max<int64_t>(1, bytes),
                    int64_t(1), mostSets);
}

TunePairs TuneKernel::time(size_t first, size_t second, unsigned pairs, double microseconds) {
  resetSets(); // updates must not run away
  batch(first, 2);
  batch(second, 2);
  const double once = std::max(0.01, std::min(batch(first, 3), batch(second, 3)));
  const int calls = std::clamp(static_cast<int>(std::ceil(microseconds / once)), 1, 100'000);
  TunePairs result;
  for (unsigned pair = 0; pair < pairs; ++pair) {
    double a = 0, b = 0;
    if (pair % 2 == 0) { // A B B A: what drifts meets both alike
      a = batch(first, calls);
      b = batch(second, calls);
    } else {
      b = batch(second, calls);
      a = batch(first, calls);
    }
    result.first.push_back(a);
    result.second.push_back(b);
  }
  return result;
}

} // namespace weir
