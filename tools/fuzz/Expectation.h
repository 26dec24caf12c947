//===- Expectation.h - what a net's functions should compute, and how closely ----------------===//
//
// Programs compute in float32, the reference in float64: how far they may be apart depends on the
// net. So the reference runs again with noise of a few float32 roundings on every value, and what
// that moves, times a margin, is the tolerance. A difference behind a kink (a rectifier at 0, two
// equal logits) moves the noisy runs as well.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/check/FunctionRun.h"

#include <optional>
#include <string>

namespace weir {

class Expectation {
public:
  /// Of `function`, of a module of phase "ir".
  Expectation(mlir::func::FuncOp function, llvm::ArrayRef<reference::Tensor> arguments,
              uint64_t seed);

  /// Why programs cannot be held to it (numbers that float32 does not have), or empty.
  const std::string &unfit() const { return reason; }

  /// What is wrong with `values` as result `index`, or as the variable's new value; empty if
  /// nothing.
  std::string checkResult(size_t index, llvm::ArrayRef<double> values) const;
  std::string checkVariable(VariableOp variable, llvm::ArrayRef<double> values) const;

private:
  std::string compare(const reference::Tensor &expected, double tolerance,
                      llvm::ArrayRef<double> values) const;

  FunctionRun exact;
  std::vector<double> resultTolerances;
  llvm::StringMap<double> variableTolerances;
  uint64_t seed;
  std::string reason;
};

} // namespace weir
