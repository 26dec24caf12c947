// One zeroed, aligned block of memory that is the size of a file, an arena or all variables of a
// net.
#ifndef WEIR_RUNTIME_BLOCK_H
#define WEIR_RUNTIME_BLOCK_H

#include <cstddef>
#include <cstdint>
#include <utility>

namespace weir {

/// Page-aligned zeroed bytes; large ones ask for huge pages, which halves the time to read a data
/// set.
class Block {
public:
  Block() = default;
  /// Allocates `bytes` for `purpose` ("the training images"); fails with UserError naming both when
  /// memory is out.
  Block(uint64_t bytes, const char *purpose);
  ~Block();
  Block(Block &&other) noexcept { swap(other); }
  Block &operator=(Block &&other) noexcept {
    swap(other);
    return *this;
  }

  uint8_t *data() { return memory; }
  const uint8_t *data() const { return memory; }
  uint64_t size() const { return bytes; }

private:
  void swap(Block &other) noexcept {
    std::swap(memory, other.memory);
    std::swap(bytes, other.bytes);
    std::swap(base, other.base);
    std::swap(mapped, other.mapped);
  }
  uint8_t *memory = nullptr;
  uint64_t bytes = 0;
  void *base = nullptr;
  uint64_t mapped = 0;
};

} // namespace weir

#endif
