// See ScratchPool.h.
#include "runtime/ScratchPool.h"
#include "runtime/Error.h"

#include <iterator>

namespace weir {

ScratchPool &ScratchPool::ofProcess() {
  static ScratchPool pool;
  return pool;
}

void *ScratchPool::take(uint64_t bytes) try {
  const std::lock_guard<std::mutex> lock(mutex);
  Block block;
  if (auto fitting = idle.lower_bound(bytes); fitting != idle.end()) {
    block = std::move(fitting->second);
    idle.erase(fitting);
  } else {
    if (!idle.empty())
      idle.erase(std::prev(idle.end()));
    block = Block(bytes, "a kernel's scratch memory");
  }
  void *memory = block.data();
  lent.emplace(memory, std::move(block));
  return memory;
} catch (const UserError &) {
  return nullptr; // the kernel reports it
}

void ScratchPool::give(void *memory) {
  const std::lock_guard<std::mutex> lock(mutex);
  auto found = lent.find(memory);
  if (found == lent.end())
    failInternally("scratch memory is given back that was not taken");
  const uint64_t bytes = found->second.size();
  idle.emplace(bytes, std::move(found->second));
  lent.erase(found);
}

uint64_t ScratchPool::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex);
  uint64_t sum = 0;
  for (const auto &[bytes, block] : idle)
    sum += bytes;
  for (const auto &[memory, block] : lent)
    sum += block.size();
  return sum;
}

} // namespace weir
