//===- Compile.h - kernels to objects --------------------------------------------------------===//
//
// Comes after plan-memory and before lower-to-llvm, which calls the symbols that are set here.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Cache.h"
#include "kernels/LoopFacts.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
#include <string>
#include <vector>

namespace weir {

struct KernelOptions {
  KernelTarget target;
  /// Schedules of distinct groups, by `kernels::describe`; the model chooses the others.
  llvm::StringMap<Schedule> schedules;
  /// Where objects are kept; see KernelCache.
  std::string cacheDirectory;
  bool useCache = true;
  /// Kernels compiled at a time; 0: as many as there are cores.
  unsigned jobs = 0;
  /// Also Halide's loops and the assembly as text.
  bool wantText = false;
};

/// What a kernel, or all kernels of a module, is compiled for where the program's target is
/// `target`.
KernelTarget targetOf(mlir::Operation *kernelOrModule, const KernelTarget &target);

/// One distinct kernel: `int symbol(void *user_context, halide_buffer_t *operand...,
/// halide_buffer_t *result...)`. Operands' and results' data are dense and row-major; only a
/// buffer's `host` is read. A result of an optimizer may lie over the operand it replaces; other
/// results lie apart from all operands.
struct CompiledKernel {
  std::string symbol;
  std::string object;   ///< an ELF relocatable file
  std::string loops;    ///< Halide's lowered statement (wantText)
  std::string assembly; ///< PTX or OpenCL C for a GPU (wantText)
  bool fromCache = false;
  double seconds = 0; ///< taken to compile; 0 from the cache
};

/// Compiles each distinct `weir.kernel` of `module` and sets every kernel's `symbol`: its name,
/// "__" and the target's suffix, with "_2" and so on where groups of one name differ. In the order
/// of their first appearance. Fails after a diagnostic at the group's location where one cannot be
/// compiled.
mlir::FailureOr<std::vector<CompiledKernel>> compileKernels(mlir::ModuleOp module,
                                                            const KernelOptions &options);

class KernelOp;

/// The loops of a group that a schedule is for, with the model's choice. An error where the group
/// cannot be compiled at all.
llvm::Expected<LoopFacts> findLoops(KernelOp kernel, const KernelTarget &target);

} // namespace weir
