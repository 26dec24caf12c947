// The memory that kernels take while they run: images with a border, parts of sums.
//
// A step takes the same sizes every time. Given back to the system and asked for again, large
// blocks are zeroed page by page in every step: 30 of the 199 ms of MobileNetV2's step at 224x224
// and batch 8 (one thread of a Zen 5, November 2026). So they are kept.
#ifndef WEIR_RUNTIME_SCRATCHPOOL_H
#define WEIR_RUNTIME_SCRATCHPOOL_H

#include "runtime/Block.h"

#include <map>
#include <mutex>

namespace weir {

/// Blocks that are lent and come back; any thread may call. Never more blocks than were lent at one
/// time: where none that is idle is large enough, the largest of those makes room for a new one.
class ScratchPool {
public:
  /// That of all kernels of the process, which are told nothing of the net they belong to.
  static ScratchPool &ofProcess();

  /// At least `bytes`, aligned to a page; null where memory is out.
  void *take(uint64_t bytes);
  /// What take() returned.
  void give(void *memory);

  /// Of all blocks, lent and idle.
  uint64_t bytes() const;

private:
  mutable std::mutex mutex;
  std::multimap<uint64_t, Block> idle; // by size
  std::map<void *, Block> lent;
};

} // namespace weir

#endif
