//===- Values.h - the values of variables that are known when the net is compiled ------------===//
//
// `weir.variable` may carry its value: after `weir compile --weights`, and what passes compute from
// that. Large values stand beside the IR as resources, so that megabytes of weights are neither
// hashed with the attributes nor printed with the text (see `printWithoutValues`).
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"

namespace weir {

/// False for attributes whose bytes cannot be had: a resource that was cut from the text.
bool hasReadableValues(mlir::ElementsAttr value);

/// The value's bytes as they lie in memory.
std::vector<char> rawValues(mlir::ElementsAttr value);

/// The values as numbers.
std::vector<double> numbersOf(mlir::ElementsAttr value);

/// A value of `type`'s storage, whose bytes are copied. `name` is what the text calls it.
mlir::ElementsAttr valueOfBytes(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes,
                                llvm::StringRef name);
/// The same of numbers, rounded to the type's elements.
mlir::ElementsAttr valueOfNumbers(mlir::RankedTensorType type, llvm::ArrayRef<double> numbers,
                                  llvm::StringRef name);

/// True where no function assigns variables or trains: their values stay what they are.
bool hasFixedVariables(mlir::ModuleOp module);

/// Prints IR as text, values of variables that are resources as "__elided__".
void printWithoutValues(mlir::Operation *op, llvm::raw_ostream &stream);

} // namespace weir
