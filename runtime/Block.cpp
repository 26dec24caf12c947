// Memory by mmap; see Block.h.
#include "runtime/Block.h"
#include "runtime/Error.h"

#include <sys/mman.h>

namespace weir {

static constexpr uint64_t hugePage = 2u << 20;

Block::Block(uint64_t bytes, const char *purpose) : bytes(bytes) {
  if (bytes == 0)
    return;
  bool large = bytes >= hugePage;
  if (bytes > (uint64_t(1) << 46))
    fail("out of memory: %s needs %s bytes", purpose, withCommas(bytes).c_str());
  mapped = large ? bytes + hugePage : bytes;
  base = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) {
    base = nullptr;
    fail("out of memory: %s needs %s bytes", purpose, withCommas(bytes).c_str());
  }
  memory = static_cast<uint8_t *>(base);
  if (large) {
    memory += (hugePage - reinterpret_cast<uintptr_t>(memory) % hugePage) % hugePage;
    madvise(memory, bytes, MADV_HUGEPAGE);
  }
}

Block::~Block() {
  if (base)
    munmap(base, mapped);
}

} // namespace weir
