//===- Softmax.cpp - softmax, log_softmax: reference and gradient ----------------------------===//

#include "ir/Dialect.h"
#include "ir/semantics/LogSumExp.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {

void SoftmaxOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  const int64_t n = x.columns();
  for (int64_t row = 0; row < x.rows(); ++row) {
    const double *in = &x.values[row * n];
    double *out = &results[0][row * n];
    const double largest = *std::max_element(in, in + n);
    double sum = 0;
    for (int64_t j = 0; j < n; ++j)
      sum += out[j] = std::exp(in[j] - largest);
    for (int64_t j = 0; j < n; ++j)
      out[j] /= sum;
  }
}

SmallVector<Value> SoftmaxOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                            ArrayRef<bool>) {
  return {SoftmaxGradOp::create(builder, getLoc(), getResult(), gradients[0])};
}

void SoftmaxGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &y = operands[0], &dy = operands[1];
  const int64_t n = y.columns();
  for (int64_t row = 0; row < y.rows(); ++row) {
    double sum = 0;
    for (int64_t j = row * n; j < (row + 1) * n; ++j)
      sum += dy[j] * y[j];
    for (int64_t j = row * n; j < (row + 1) * n; ++j)
      results[0][j] = y[j] * (dy[j] - sum);
  }
}

void LogSoftmaxOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  const int64_t n = x.columns();
  for (int64_t row = 0; row < x.rows(); ++row) {
    const double *in = &x.values[row * n];
    double *out = &results[0][row * n];
    const auto [largest, logSum] = logSumExp(in, n);
    for (int64_t j = 0; j < n; ++j)
      out[j] = in[j] - largest - logSum;
  }
}

SmallVector<Value> LogSoftmaxOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                               ArrayRef<bool>) {
  return {LogSoftmaxGradOp::create(builder, getLoc(), getResult(), gradients[0])};
}

void LogSoftmaxGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &y = operands[0], &dy = operands[1];
  const int64_t n = y.columns();
  for (int64_t row = 0; row < y.rows(); ++row) {
    double sum = 0;
    for (int64_t j = row * n; j < (row + 1) * n; ++j)
      sum += dy[j];
    for (int64_t j = row * n; j < (row + 1) * n; ++j)
      results[0][j] = dy[j] - std::exp(y[j]) * sum;
  }
}

} // namespace weir
