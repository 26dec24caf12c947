// The pool of scratch memory; see Accelerator.h.
#include "runtime/Accelerator.h"
#include "runtime/Error.h"

namespace weir {

// The pool's size from which memory is taken again within a call. The steps of the nets in models/
// take 1 to 12 MB at batch 64.
static constexpr uint64_t smallPool = 32u << 20;

static uint64_t takeFrom(std::multimap<uint64_t, uint64_t> &pool, uint64_t bytes) {
  auto found = pool.find(bytes);
  if (found == pool.end())
    return 0;
  const uint64_t address = found->second;
  pool.erase(found);
  return address;
}

uint64_t Accelerator::takeScratch(uint64_t bytes) {
  bytes = aligned(bytes);
  uint64_t address = takeFrom(idle, bytes);
  if (!address && scratchTotal + bytes > smallPool)
    address = takeFrom(used, bytes);
  if (!address) {
    address = allocate(bytes, "a kernel's scratch memory");
    scratchTotal += bytes;
  }
  lent.emplace(address, bytes);
  return address;
}

void Accelerator::giveScratch(uint64_t address) {
  auto found = lent.find(address);
  if (found == lent.end())
    failInternally("scratch memory is given back that was not taken");
  used.emplace(found->second, address);
  lent.erase(found);
}

void Accelerator::restScratch() { idle.merge(used); }

std::vector<Access> Accelerator::accessesOf(const Launch &launch) const {
  std::vector<Access> accesses;
  for (size_t i = 0; launch.sizes[i] != 0; ++i) {
    if (!launch.areBuffers[i])
      continue;
    const auto &buffer = *static_cast<const HalideBuffer *>(launch.arguments[i]);
    const bool writes = (buffer.flags & HalideBuffer::written) || lent.count(buffer.device);
    Access access{buffer.device, buffer.device + buffer.bytes(), writes};
    if (buffer.dimensions > 1 && buffer.dim[1].stride > buffer.dim[0].extent) {
      access.width = uint64_t(buffer.dim[0].extent) * buffer.elementBytes();
      access.pitch = uint64_t(buffer.dim[1].stride) * buffer.elementBytes();
    }
    accesses.push_back(access);
  }
  return accesses;
}

void Accelerator::releaseScratch() {
  restScratch();
  for (auto [bytes, address] : idle)
    release(address);
  for (auto [address, bytes] : lent)
    release(address);
  idle.clear();
  lent.clear();
  scratchTotal = 0;
}

} // namespace weir
