//===- LoadedProgram.h - a compiled net in this process --------------------------------------===//
//
// For what wants to see a net at work while it is compiled: calibration and its contract. The
// objects that would become an executable become a shared library, and the runtime that would be
// linked into it is the one in `weir`: Net, Dataset and Evaluate work on `net()` as in a program.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Compile.h"
#include "runtime/Net.h"
#include "tools/Summary.h"

#include "llvm/ADT/StringMap.h"

namespace weir {

class LoadedProgram {
public:
  /// Compiles and loads a planned module (phase "memory"), which is lowered on the way. `summary`
  /// is of the net as the frontend built it. With a `device`, the module is one for it (Compiler's
  /// of that target), and the net runs there.
  static llvm::Expected<std::unique_ptr<LoadedProgram>>
  load(mlir::ModuleOp module, const NetSummary &summary, const KernelOptions &options, int threads,
       std::shared_ptr<Accelerator> device = nullptr);
  ~LoadedProgram();
  LoadedProgram(const LoadedProgram &) = delete;
  LoadedProgram &operator=(const LoadedProgram &) = delete;

  Net &net() { return *loadedNet; }

  /// A result as the kernels wrote it: row-major elements of `type` ("F32", "U8", "I8", "I32").
  struct Result {
    std::string type;
    std::vector<int64_t> shape;
    std::vector<uint8_t> bytes;

    template <typename T> llvm::ArrayRef<T> values() const {
      return {reinterpret_cast<const T *>(bytes.data()), bytes.size() / sizeof(T)};
    }
  };
  /// All results of the function called `name`, which may be any, not only an entry point that
  /// programs have: say one that returns the values between layers. `arguments` point to its
  /// operands, dense and row-major.
  std::vector<Result> run(llvm::StringRef name, llvm::ArrayRef<const void *> arguments);

private:
  LoadedProgram() = default;

  void *library = nullptr;
  Manifest manifest;
  llvm::StringMap<std::vector<Result>> resultsOf; ///< of each function, without values
  std::unique_ptr<Net> loadedNet;
};

} // namespace weir
