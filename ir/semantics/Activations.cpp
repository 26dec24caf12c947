//===- Activations.cpp - relu and its kin, gelu, tanh, sigmoid, swish -----------------------===//

#include "ir/Dialect.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// `y[i] = function(x[i])` and `dx[i] = function(saved[i], dy[i])`.
void map(ArrayRef<Tensor> operands, Tensor &y, function_ref<double(double)> function) {
  for (int64_t i = 0; i < y.size(); ++i)
    y[i] = function(operands[0][i]);
}
void map(ArrayRef<Tensor> operands, Tensor &dx, function_ref<double(double, double)> function) {
  for (int64_t i = 0; i < dx.size(); ++i)
    dx[i] = function(operands[0][i], operands[1][i]);
}

const double sqrtTwoOverPi = std::sqrt(2.0 / std::numbers::pi);
constexpr double geluCubic = 0.044715;

double geluTanhArgument(double x) { return sqrtTwoOverPi * (x + geluCubic * x * x * x); }

} // namespace

void ReluOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x) { return x > 0 ? x : 0; });
}
SmallVector<Value> ReluOp::buildGradient(OpBuilder &builder, ValueRange gradients, ArrayRef<bool>) {
  return {ReluGradOp::create(builder, getLoc(), getX(), gradients[0])};
}
void ReluGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x, double dy) { return x > 0 ? dy : 0; });
}

LogicalResult GeluOp::verify() { // C1
  if (getApproximation() != "none" && getApproximation() != "tanh")
    return mlir::emitError(getLoc())
           << "'gelu' expects approximation \"none\" or \"tanh\", but got \"" << getApproximation()
           << "\"";
  return success();
}
void GeluOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  if (getApproximation() == "tanh")
    return map(operands, results[0],
               [](double x) { return x / 2 * (1 + std::tanh(geluTanhArgument(x))); });
  map(operands, results[0],
      [](double x) { return x / 2 * (1 + std::erf(x / std::numbers::sqrt2)); });
}
SmallVector<Value> GeluOp::buildGradient(OpBuilder &builder, ValueRange gradients, ArrayRef<bool>) {
  return {GeluGradOp::create(builder, getLoc(), getX(), gradients[0], getApproximationAttr())};
}
void GeluGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  if (getApproximation() == "tanh")
    return map(operands, results[0], [](double x, double dy) {
      const double t = std::tanh(geluTanhArgument(x));
      return dy * ((1 + t) / 2 + x / 2 * (1 - t * t) * sqrtTwoOverPi * (1 + 3 * geluCubic * x * x));
    });
  map(operands, results[0], [](double x, double dy) {
    const double distribution = (1 + std::erf(x / std::numbers::sqrt2)) / 2;
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    return dy * (distribution + x * density);
  });
}

void TanhOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x) { return std::tanh(x); });
}
SmallVector<Value> TanhOp::buildGradient(OpBuilder &builder, ValueRange gradients, ArrayRef<bool>) {
  return {TanhGradOp::create(builder, getLoc(), getResult(), gradients[0])};
}
void TanhGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double y, double dy) { return dy * (1 - y * y); });
}

void SigmoidOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x) { return 1 / (1 + std::exp(-x)); });
}
SmallVector<Value> SigmoidOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                            ArrayRef<bool>) {
  return {SigmoidGradOp::create(builder, getLoc(), getResult(), gradients[0])};
}
void SigmoidGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double y, double dy) { return dy * y * (1 - y); });
}

void Relu6Op::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x) { return x < 0 ? 0 : x > 6 ? 6 : x; });
}
SmallVector<Value> Relu6Op::buildGradient(OpBuilder &builder, ValueRange gradients,
                                          ArrayRef<bool>) {
  return {Relu6GradOp::create(builder, getLoc(), getX(), gradients[0])};
}
void Relu6GradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x, double dy) { return x > 0 && x < 6 ? dy : 0; });
}

void LeakyReluOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double slope = getSlope().convertToDouble();
  map(operands, results[0], [=](double x) { return x > 0 ? x : slope * x; });
}
SmallVector<Value> LeakyReluOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                              ArrayRef<bool>) {
  return {LeakyReluGradOp::create(builder, getLoc(), getX(), gradients[0], getSlopeAttr())};
}
void LeakyReluGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double slope = getSlope().convertToDouble();
  map(operands, results[0], [=](double x, double dy) { return x > 0 ? dy : slope * dy; });
}

void EluOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double alpha = getAlpha().convertToDouble();
  map(operands, results[0], [=](double x) { return x > 0 ? x : alpha * std::expm1(x); });
}
SmallVector<Value> EluOp::buildGradient(OpBuilder &builder, ValueRange gradients, ArrayRef<bool>) {
  return {EluGradOp::create(builder, getLoc(), getX(), gradients[0], getAlphaAttr())};
}
void EluGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double alpha = getAlpha().convertToDouble();
  map(operands, results[0],
      [=](double x, double dy) { return x > 0 ? dy : dy * alpha * std::exp(x); });
}

void SwishOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x) { return x / (1 + std::exp(-x)); });
}
SmallVector<Value> SwishOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                          ArrayRef<bool>) {
  return {SwishGradOp::create(builder, getLoc(), getX(), gradients[0])};
}
void SwishGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x, double dy) {
    const double s = 1 / (1 + std::exp(-x));
    return dy * (s + x * s * (1 - s));
  });
}

void HardSwishOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; });
}
SmallVector<Value> HardSwishOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                              ArrayRef<bool>) {
  return {HardSwishGradOp::create(builder, getLoc(), getX(), gradients[0])};
}
void HardSwishGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  map(operands, results[0], [](double x, double dy) {
    return x <= -3 ? 0 : x >= 3 ? dy : dy * (2 * x + 3) / 6;
  });
}

} // namespace weir
