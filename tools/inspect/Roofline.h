//===- Roofline.h - what this machine could do at most ---------------------------------------===//

#pragma once

#include <cstdint>

namespace weir {

/// Floating-point operations and bytes a nanosecond (that is, GFLOP/s and GB/s).
struct Roofline {
  double operations = 0, bytes = 0;
  int64_t block = 0; ///< the bytes that were gone through: decides which cache answers
};

/// Measured in about 50 ms: fused multiply-adds of registers, and reads of a block of `bytes` (64
/// KiB at least, 256 MiB at most), on `threads` threads.
Roofline measureRoofline(int64_t bytes, int threads);

} // namespace weir
