// The pool of scratch memory; see Accelerator.h.
#include "runtime/Accelerator.h"
#include "runtime/Error.h"

namespace weir {

uint64_t Accelerator::takeScratch(uint64_t bytes) {
  bytes = aligned(bytes);
  uint64_t address;
  if (auto found = idle.find(bytes); found != idle.end()) {
    address = found->second;
    idle.erase(found);
  } else {
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
  idle.emplace(found->second, address);
  lent.erase(found);
}

void Accelerator::releaseScratch() {
  for (auto [bytes, address] : idle)
    release(address);
  for (auto [address, bytes] : lent)
    release(address);
  idle.clear();
  lent.clear();
  scratchTotal = 0;
}

} // namespace weir
