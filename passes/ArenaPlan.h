//===- ArenaPlan.h - places for buffers with lifetimes, as a pure algorithm ------------------===//
//
// Plan, commit, then query: add the buffers, call `plan`, read the offsets. Knows no IR, so tests
// drive it directly.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

/// Byte offsets of buffers in one arena, such that buffers alive at the same time never overlap.
class ArenaPlan {
public:
  /// A cache line, and an AVX-512 vector.
  static constexpr int64_t cpuAlignment = 64;

  /// Every offset and size will be a multiple of `alignment`.
  explicit ArenaPlan(int64_t alignment = cpuAlignment) : alignment(alignment) {}

  /// `bytes` rounded up to a multiple of `alignment`.
  static constexpr int64_t aligned(int64_t bytes, int64_t alignment) {
    return (bytes + alignment - 1) / alignment * alignment;
  }

  /// Adds a buffer of `bytes` that is alive from step `first` to step `last`, both included.
  /// Returns its number.
  size_t add(int64_t bytes, int64_t first, int64_t last);

  /// Chooses the offsets: buffers by size, largest first, each at the lowest place that is free
  /// during its life.
  void plan();

  int64_t offset(size_t buffer) const { return buffers[buffer].offset; }
  int64_t bytes(size_t buffer) const { return buffers[buffer].bytes; }
  int64_t first(size_t buffer) const { return buffers[buffer].first; }
  int64_t last(size_t buffer) const { return buffers[buffer].last; }
  size_t count() const { return buffers.size(); }

  /// Bytes that the arena needs.
  int64_t size() const { return total; }

  /// The largest sum of sizes alive at one step: no plan can need less.
  int64_t lowerBound() const;

private:
  struct Buffer {
    int64_t bytes, first, last, offset = 0;
  };
  const int64_t alignment;
  std::vector<Buffer> buffers;
  int64_t total = 0;
};

} // namespace weir
