//===- KernelCost.h - what a group has to compute and to move --------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace weir {

/// Counted from shapes, as a roofline wants it: the least that any code has to do.
struct KernelCost {
  int64_t operations = 0; ///< a multiply-accumulate is two
  int64_t bytes = 0;      ///< operands read once, results written once
};

KernelCost costOf(KernelOp kernel);

/// What fusing has saved in a function: the bytes that one call reads and writes, by kernels and if
/// each op were one. Views and constants, which move nothing by themselves, are no ops.
struct FusionCost {
  int64_t ops = 0, kernels = 0;
  int64_t bytes = 0;         ///< of the kernels: operands read once, results written once
  int64_t bytesOneByOne = 0; ///< of the ops
};

/// Of a function after form-groups.
FusionCost fusionOf(mlir::func::FuncOp function);

} // namespace weir
