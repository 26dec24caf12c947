//===- TuneObjects.h - kernels' objects in the memory of the tuner's child -------------------===//
//
// Objects are linked in memory, each into a table of symbols of its own, with the hooks of the
// programs' runtime, those for GPUs among them.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "runtime/Context.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <memory>
#include <string>
#include <vector>

namespace weir {

class TuneObjects {
public:
  static llvm::Expected<std::unique_ptr<TuneObjects>> open();

  /// Adds an object whose kernel is called `symbol`; returns its number.
  llvm::Expected<size_t> load(const std::string &object, const std::string &symbol);

  /// Calls a kernel with pointers to buffers, no more than `mostBuffers`; returns its code.
  int call(size_t kernel, Context &context, void *const *buffers, size_t count) const;
  static constexpr size_t mostBuffers = 48;

private:
  TuneObjects() = default;

  std::unique_ptr<llvm::orc::LLJIT> jit;
  llvm::orc::SymbolMap hooks;
  std::vector<void *> functions;
};

} // namespace weir
