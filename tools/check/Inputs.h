//===- Inputs.h - numbers to run functions on ------------------------------------------------===//
//
// Random ones and those at the edges, the same for every version of a function: an argument's
// values depend on its place and type, a variable's on its name.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace weir {

/// What images are made of. The labels of Zeros are all the first class, those of Ones the last
/// one, those of the others both and what is between.
enum class InputKind { Random, Zeros, Ones, Large, Tiny, Negative };

/// All of them; the random one first.
llvm::ArrayRef<InputKind> inputKinds();
llvm::StringRef nameOf(InputKind kind);

/// Arguments for `function`, whose labels are told by the loss that reads them.
std::vector<reference::Tensor> argumentsFor(mlir::func::FuncOp function, InputKind kind,
                                            uint64_t seed = 1);

/// What `variable` holds before the run: the value that it carries; else numbers like an
/// initialiser's, positive ones for statistics and optimizer state. All are float32 numbers.
reference::Tensor valueFor(VariableOp variable, uint64_t seed = 1);

/// A machine with all variables of `module`.
reference::Machine machineFor(mlir::ModuleOp module, uint64_t seed = 1);

} // namespace weir
