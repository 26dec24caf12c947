//===- QuantizeWeights.h - weights and biases as integers ------------------------------------===//
//
// What `quantize` and `correct-bias` share: the scales of a weight, its integers, and the variables
// that hold them.
//
//===-----------------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"

#include "mlir/IR/BuiltinOps.h"
#include <map>

namespace weir {

/// A weight's integers from -127 to 127, row-major, and their scales: one for each output (the last
/// dimension), or one.
struct IntegerWeights {
  std::vector<double> scales;
  std::vector<double> integers;

  double scale(size_t output) const { return scales[scales.size() == 1 ? 0 : output]; }
};

/// The integers of `numbers`, whose last dimension has `outputs` values. No scale is below
/// `smallest[output]` (of one scale: below any of them).
IntegerWeights quantizeWeights(llvm::ArrayRef<double> numbers, size_t outputs, bool perTensor,
                               llvm::ArrayRef<double> smallest);

/// The smallest scale of each output's weight that keeps its sum with its bias in 32 bits: of
/// `terms` products with an input of scale `inputScale`.
std::vector<double> smallestScales(llvm::ArrayRef<double> bias, double inputScale, int64_t terms);

/// The variable that `value` is read from, if its value is known; else null.
VariableOp knownVariable(mlir::Value value, const mlir::SymbolTable &symbols);

/// The variables of the integers of a module's weights and biases: one for each use that is alike.
class IntegerVariables {
public:
  IntegerVariables(mlir::ModuleOp module, bool perTensor) : symbols(module), perTensor(perTensor) {}

  /// Weight and bias (null: none) of a product that reads 8-bit values of `x`'s type. Fails with a
  /// diagnostic where their values are not known.
  mlir::FailureOr<std::pair<VariableOp, VariableOp>> of(mlir::Operation *product,
                                                        mlir::RankedTensorType x);

private:
  VariableOp make(VariableOp like, llvm::StringRef suffix, mlir::RankedTensorType type,
                  llvm::ArrayRef<double> integers);

  mlir::SymbolTable symbols;
  bool perTensor;
  std::map<std::string, std::pair<VariableOp, VariableOp>> known;
};

} // namespace weir
