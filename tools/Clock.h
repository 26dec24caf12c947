//===- Clock.h - how long something takes, on the clock on the wall --------------------------===//

#pragma once

#include <chrono>

namespace weir {

inline double secondsSince(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - time).count();
}

} // namespace weir
