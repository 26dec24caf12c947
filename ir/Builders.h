//===- Builders.h - build an op by name, with its rules checked first ------------------------===//
//
// The frontend and the differentiation pass know ops by their signature; this builds any of
// them, inferring result types, and reports broken constraints at the caller's location.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"

namespace weir {

/// Builds `weir.<mnemonic>` from operands in ODS order. An optional operand that is absent is a
/// null value. Returns null after an error at `location` where the op's constraints do not hold.
mlir::Operation *buildOp(mlir::OpBuilder &builder, mlir::Location location,
                         llvm::StringRef mnemonic, mlir::ArrayRef<mlir::Value> operands,
                         mlir::ArrayRef<mlir::NamedAttribute> attributes);

/// True for an op that updates a weight (category optimizer).
bool isOptimizer(mlir::Operation *op);

/// The weights that a layer op asks for (see LayerOpInterface::inferParameters); none for ops
/// without weights.
mlir::FailureOr<llvm::SmallVector<ParameterSpec>>
inferParameters(mlir::MLIRContext *context, mlir::Location location, llvm::StringRef mnemonic,
                mlir::TypeRange inputs, mlir::ArrayRef<mlir::NamedAttribute> attributes);

/// f32 tensor type of `shape`.
mlir::RankedTensorType f32Tensor(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> shape);

/// A number as a person would write it: "0.9", "1e-08".
std::string numberText(double value);

/// "28x28x1" for a shape.
std::string shapeText(llvm::ArrayRef<int64_t> shape);
/// "1, -1, 28" for a list of numbers.
std::string listText(mlir::ArrayRef<int64_t> numbers);
/// "28x28x1" for the type of a batched tensor: the shape of one image, as the user thinks of it.
std::string imageShapeText(mlir::Type type);

} // namespace weir
