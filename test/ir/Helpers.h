//===- Helpers.h - IR text to function, and values to run it on ------------------------------===//

#pragma once

#include "ir/Builders.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include <random>

namespace weir::test {

/// A module parsed from text, together with its context.
struct Module {
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;

  /// The module is null where `text` is not valid IR; the diagnostics go to standard error.
  explicit Module(llvm::StringRef text) {
    context.loadDialect<WeirDialect, mlir::func::FuncDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  }
  mlir::func::FuncOp function(llvm::StringRef name) {
    return module ? module->lookupSymbol<mlir::func::FuncOp>(name) : mlir::func::FuncOp();
  }
};

/// Values of a normal distribution that keep `away` from 0, where relu has no derivative.
inline reference::Tensor randomTensor(mlir::Type type, std::mt19937_64 &random, double away = 0.01,
                                      double spread = 1) {
  reference::Tensor tensor(type);
  std::normal_distribution<double> normal;
  for (double &value : tensor.values) {
    value = spread * normal(random);
    value += value < 0 ? -away : away;
  }
  return tensor;
}

/// The sum of products of two tensors of one size.
inline double dot(const reference::Tensor &a, const reference::Tensor &b) {
  double sum = 0;
  for (int64_t i = 0; i < a.size(); ++i)
    sum += a[i] * b[i];
  return sum;
}

/// The largest absolute value, at least 1: what errors are compared with.
inline double scaleOf(const reference::Tensor &tensor) {
  double scale = 1;
  for (double value : tensor.values)
    scale = std::max(scale, std::abs(value));
  return scale;
}

} // namespace weir::test
