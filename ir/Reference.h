//===- Reference.h - reference semantics: tensors of float64 and naive loops -----------------===//
//
// The oracle. `evaluate` of each op (ir/semantics/) works on these tensors; `Machine` runs a
// whole function, at any phase before lower-to-llvm, with variables that persist between runs.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/LogicalResult.h"
#include <cstdint>
#include <vector>

namespace mlir {
class ModuleOp;
class Operation;
class RankedTensorType;
class Type;
} // namespace mlir
namespace mlir::func {
class FuncOp;
}

namespace weir::reference {

/// A dense row-major tensor. All element types are held as float64: exact for the i32 values used
/// (labels, counters), and precise enough for finite differences.
struct Tensor {
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<double> values;

  Tensor() = default;
  /// A zero-filled tensor of `shape`.
  explicit Tensor(llvm::ArrayRef<int64_t> shape);
  /// A zero-filled tensor of a ranked tensor type's shape.
  explicit Tensor(mlir::Type type);
  /// A scalar (rank 0).
  static Tensor scalar(double value);

  int64_t size() const { return static_cast<int64_t>(values.size()); }
  /// Size of the last dimension (1 for a scalar) and the number of rows above it.
  int64_t columns() const { return shape.empty() ? 1 : shape.back(); }
  int64_t rows() const { return columns() == 0 ? 0 : size() / columns(); }
  double &operator[](int64_t i) { return values[i]; }
  double operator[](int64_t i) const { return values[i]; }
};

/// Threefry-2x32 with 13 rounds (Salmon et al. 2011): the first word for `counter` under `key`.
uint32_t threefry(uint32_t key0, uint32_t key1, uint32_t counter0, uint32_t counter1);

/// Runs functions of the weir dialect (plain, differentiated or grouped into kernels).
class Machine {
public:
  /// Variables start at zero; set them before running.
  llvm::StringMap<Tensor> variables;

  /// Gives every variable of `module` that is missing here its value, where it carries one, else
  /// zeros.
  void declareVariables(mlir::ModuleOp module);

  /// Results of `function` on `arguments`. Fails, with a diagnostic at the op, where an op has no
  /// reference semantics. With `trace`, calls it after each op with the op and its results.
  llvm::FailureOr<std::vector<Tensor>>
  run(mlir::func::FuncOp function, llvm::ArrayRef<Tensor> arguments,
      llvm::function_ref<void(mlir::Operation *, llvm::ArrayRef<Tensor>)> trace = nullptr);
};

} // namespace weir::reference
