//===- Observe.h - the values of a net that calibration looks at -----------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace weir {

/// The layers' results in `function`, in its order: tensors of f32 or of quantized 8-bit numbers.
/// Left out are weights, constants, views (which are another value's numbers) and int32 sums.
llvm::SmallVector<mlir::Value> observedValues(mlir::func::FuncOp function);

/// The inference function that calibration runs: the one of the largest batch whose observed values
/// fit into 256 MiB, else that of the smallest. Null where there is none.
mlir::func::FuncOp observedFunction(mlir::ModuleOp module);

/// The path of the layer that `location` belongs to; empty where it names none.
std::string layerPath(mlir::Location location);

} // namespace weir
