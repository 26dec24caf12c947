//===- Harness.h - compile groups, run them, compare them with the reference semantics -------===//

#pragma once

#include "ir/Dialect.h"
#include "ir/Reference.h"
#include "kernels/Compile.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include <map>
#include <string>
#include <vector>

namespace weir::test {

/// A folder that is removed with the object.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string path;
};

/// A module of functions with one kernel each, compiled and loaded.
class Kernels {
public:
  /// Adds `@name`, one kernel of `operands` ("%x: tensor<2x3xf32>, …") with the ops `body`, which
  /// yields `results`.
  struct Group {
    std::string operands, body, yields, resultTypes;
  };
  void add(const std::string &name, const Group &group);

  /// Compiles everything for `target` (empty: that of `testTarget`) and loads it; with `schedule`,
  /// all kernels by it. Skips the test where no device can run it.
  void compile(const std::string &target = "", const Schedule *schedule = nullptr);

  /// The loops of the kernel of `@name`. After `compile`.
  LoopFacts loops(const std::string &name, const std::string &target = "host");

  /// Runs the kernel of `@name` and the reference on `operands`, and expects each result element to
  /// differ by no more than `absolute + relative * |reference|`. Memory around results must stay as
  /// it was. `inPlace[i]` names the operand that result i is written over (-1: none).
  void check(const std::string &name, const std::vector<reference::Tensor> &operands,
             double absolute, double relative, const std::vector<int> &inPlace = {});

  /// To be set before `compile`: also the kernels' assembly.
  bool wantText = false;

  const std::vector<CompiledKernel> &compiled() const { return objects; }
  Kernels();
  ~Kernels();

private:
  std::vector<std::string> namesFor(const KernelTarget &target) const;
  void assemble();

  mlir::MLIRContext context;
  std::vector<std::pair<std::string, std::string>> functions; ///< names and texts
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<CompiledKernel> objects;
  TemporaryFolder folder;
  void *library = nullptr;
  DeviceKind device = DeviceKind::Cpu;
  bool onGpu() const { return device != DeviceKind::Cpu; }
  bool tiles = false;
};

/// What the tests compile for unless they say so: $WEIR_TEST_TARGET, or the host. All cases run on
/// OpenCL by another value of it, or through the assemblers of four NVIDIA GPUs.
std::string testTarget();

/// "tensor<2x3xf32>".
std::string tensorType(const std::vector<int64_t> &shape, const std::string &element = "f32");

/// Values in [-scale, scale], the same for a seed everywhere; `low` other than -scale shifts the
/// lower end.
reference::Tensor randomTensor(const std::vector<int64_t> &shape, unsigned seed, double scale = 1);
reference::Tensor randomTensor(const std::vector<int64_t> &shape, unsigned seed, double low,
                               double high);
/// Class indices below `classes`.
reference::Tensor randomLabels(int64_t batch, int64_t classes, unsigned seed);

} // namespace weir::test
