//===- TuneMemory.h - operands and results of a kernel that is measured ----------------------===//

#pragma once

#include "ir/Dialect.h"
#include "runtime/HalideBuffer.h"
#include "tools/tune/TuneKernel.h"

#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <vector>

namespace weir {

/// One set of a kernel's operands and results.
class TuneMemory {
public:
  enum class Layout {
    Packed,  ///< as in a program's arena: one behind the other, at 64 bytes
    Guarded, ///< each ends at a page that cannot be touched
  };
  TuneMemory(KernelOp kernel, const TuneSetting &setting, Layout layout);
  ~TuneMemory();
  TuneMemory(const TuneMemory &) = delete;

  /// Writes the operands' first values, the same for every set, and clears the results.
  void reset();
  /// What the kernel is called with: operands, then results.
  void **arguments() { return pointers.data(); }
  size_t argumentCount() const { return pointers.size(); }
  /// Bytes of one set.
  int64_t size() const { return bytes; }

  struct Value {
    mlir::RankedTensorType type;
    int64_t pitch = 0; ///< of its rows; what lies between them belongs to the memory, too
    uint8_t *data = nullptr;
    /// In memory, from the first to the last.
    int64_t elements() const;
    int64_t bytes() const;
    bool isFloat() const;
  };
  const std::vector<Value> &operands() const { return inputs; }
  const std::vector<Value> &results() const { return outputs; }

private:
  uint8_t *allocate(int64_t size, Layout layout);

  std::vector<Value> inputs, outputs;
  std::vector<int> inPlace;
  std::vector<std::pair<void *, size_t>> mappings;
  std::vector<HalideBuffer> buffers; ///< kernels for CPUs read `host` only
  std::vector<void *> pointers;
  bool positive = false; ///< operands whose square roots are taken
  int64_t bytes = 0;
};

/// An error where the results of `actual` are not those of `expected`, up to rounding.
llvm::Error compareResults(const TuneMemory &expected, const TuneMemory &actual);

} // namespace weir
