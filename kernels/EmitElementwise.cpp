//===- EmitElementwise.cpp - activations, their gradients, arithmetic, dropout ---------------===//

#include "kernels/Emit.h"
#include "kernels/EmitMath.h"

#include <cmath>

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

constexpr float sqrtHalf = 0.70710678118654752f;
constexpr float sqrtTwoOverPi = 0.79788456080286536f;
constexpr float cubic = 0.044715f; // of gelu's tanh form

Expr single(const llvm::APFloat &value) {
  return Expr(static_cast<float>(value.convertToDouble()));
}

Expr normalDistribution(const Expr &x) { return 0.5f + 0.5f * fastErf(x * sqrtHalf); }

Expr geluTanh(const Expr &x) { return fastTanh(sqrtTwoOverPi * (x + cubic * x * x * x)); }

Expr gelu(const Expr &x, llvm::StringRef approximation) {
  if (approximation == "tanh")
    return 0.5f * x * (1.0f + geluTanh(x));
  return x * normalDistribution(x);
}

Expr geluDerivative(const Expr &x, llvm::StringRef approximation) {
  if (approximation == "tanh") {
    Expr t = geluTanh(x);
    return 0.5f * (1.0f + t) +
           0.5f * x * (1.0f - t * t) * sqrtTwoOverPi * (1.0f + 3.0f * cubic * x * x);
  }
  return fastGeluDerivative(x);
}

/// `index` of a broadcast operand: 0 where the operand has one element for all.
std::vector<Expr> broadcastIndex(Value operand, Exprs index) {
  std::vector<Expr> own;
  for (auto [dimension, extent] : llvm::enumerate(extentsOf(operand)))
    own.push_back(extent == 1 ? Expr(0) : index[dimension]);
  return own;
}

} // namespace

void emitUnary(Operation *op, Emitter &emitter) {
  emitter.define(op->getResult(0), [&](Exprs i) {
    const Expr x = emitter.at(op->getOperand(0), i);
    if (llvm::isa<ReluOp>(op))
      return max(x, 0.0f);
    if (auto gelu = llvm::dyn_cast<GeluOp>(op))
      return kernels::gelu(x, gelu.getApproximation());
    if (llvm::isa<TanhOp>(op))
      return fastTanh(x);
    if (llvm::isa<SigmoidOp>(op))
      return sigmoid(x);
    if (llvm::isa<Relu6Op>(op))
      return clamp(x, 0.0f, 6.0f);
    if (auto leaky = llvm::dyn_cast<LeakyReluOp>(op))
      return select(x > 0.0f, x, single(leaky.getSlope()) * x);
    if (auto elu = llvm::dyn_cast<EluOp>(op))
      return select(x > 0.0f, x, single(elu.getAlpha()) * fastExpm1(min(x, 0.0f)));
    if (llvm::isa<SwishOp>(op))
      return x / (1.0f + exp(-x));
    if (llvm::isa<HardSwishOp>(op))
      return x * clamp(x + 3.0f, 0.0f, 6.0f) * (1.0f / 6);
    if (auto scale = llvm::dyn_cast<ScaleOp>(op))
      return single(scale.getFactor()) * x;
    if (auto cut = llvm::dyn_cast<ClampOp>(op))
      return clamp(x, -single(cut.getLimit()), single(cut.getLimit()));
    if (auto factor = llvm::dyn_cast<ClipFactorOp>(op))
      return min(1.0f, single(factor.getLimit()) / (sqrt(x) + 1e-6f));
    llvm::report_fatal_error("emitUnary has no formula for '" + op->getName().getStringRef() + "'");
  });
}

void emitUnaryGrad(Operation *op, Emitter &emitter) {
  emitter.define(op->getResult(0), [&](Exprs i) {
    const Expr saved = emitter.at(op->getOperand(0), i), dy = emitter.at(op->getOperand(1), i);
    if (llvm::isa<ReluGradOp>(op))
      return select(saved > 0.0f, dy, 0.0f);
    if (auto grad = llvm::dyn_cast<GeluGradOp>(op))
      return dy * geluDerivative(saved, grad.getApproximation());
    if (llvm::isa<TanhGradOp>(op))
      return dy * (1.0f - saved * saved);
    if (llvm::isa<SigmoidGradOp>(op))
      return dy * saved * (1.0f - saved);
    if (llvm::isa<Relu6GradOp>(op))
      return select(saved > 0.0f && saved < 6.0f, dy, 0.0f);
    if (auto grad = llvm::dyn_cast<LeakyReluGradOp>(op))
      return select(saved > 0.0f, dy, single(grad.getSlope()) * dy);
    if (auto grad = llvm::dyn_cast<EluGradOp>(op))
      return select(saved > 0.0f, dy, dy * single(grad.getAlpha()) * exp(min(saved, 0.0f)));
    if (llvm::isa<SwishGradOp>(op)) {
      const Expr s = sigmoid(saved);
      return dy * (s + saved * s * (1.0f - s));
    }
    if (llvm::isa<HardSwishGradOp>(op))
      return select(saved <= -3.0f, 0.0f,
                    select(saved >= 3.0f, dy, dy * (saved * (1.0f / 3) + 0.5f)));
    llvm::report_fatal_error("emitUnaryGrad has no formula for '" + op->getName().getStringRef() +
                             "'");
  });
}

void emitBinary(Operation *op, Emitter &emitter) {
  if (isQuantized(op->getResult(0).getType()))
    return emitQuantizedAdd(op, emitter, [&](Value operand, Exprs i) {
      return emitter.at(operand, broadcastIndex(operand, i));
    });
  emitter.define(op->getResult(0), [&](Exprs i) {
    const Expr a = emitter.at(op->getOperand(0), broadcastIndex(op->getOperand(0), i));
    const Expr b = emitter.at(op->getOperand(1), broadcastIndex(op->getOperand(1), i));
    if (llvm::isa<AddOp>(op))
      return a + b;
    if (llvm::isa<SubOp>(op))
      return a - b;
    if (llvm::isa<DivOp>(op))
      return a / b;
    return a * b;
  });
}

void emitBiasAdd(Operation *op, Emitter &emitter) {
  emitter.define(op->getResult(0), [&](Exprs i) {
    return emitter.at(op->getOperand(0), i) + emitter.at(op->getOperand(1), i[0]);
  });
}

void emitBroadcastTo(Operation *op, Emitter &emitter) {
  const Value x = op->getOperand(0);
  emitter.define(op->getResult(0), [&](Exprs i) { return emitter.at(x, broadcastIndex(x, i)); });
}

void emitScaleBy(Operation *op, Emitter &emitter) {
  const Expr factor = emitter.scalar(op->getOperand(1));
  emitter.define(op->getResult(0),
                 [&](Exprs i) { return factor * emitter.at(op->getOperand(0), i); });
}

void emitDropout(Operation *op, Emitter &emitter) {
  auto dropout = llvm::cast<DropoutOp>(op);
  const Value x = dropout.getX(), counter = dropout.getCounter();
  if (!counter)
    return emitter.define(dropout.getResult(), [&](Exprs i) { return emitter.at(x, i); });
  const double rate = dropout.getRate().convertToDouble();
  const auto threshold = static_cast<uint32_t>(std::llround(rate * 4294967296.0));
  const auto stream = static_cast<uint32_t>(dropout.getStream()) * 0x9e3779b9u;
  const auto word = [&](int i) { return cast<uint32_t>(emitter.at(counter, Expr(i))); };
  Func keys;
  keys() = Tuple(threefryKeys(word(0), word(1) ^ Expr(stream), word(2)));
  emitter.storeCheap(keys);
  const llvm::SmallVector<int> extents = extentsOf(x);
  const std::vector<Var> vars = indexVars(extents.size());
  Expr element = 0;
  for (size_t dimension = extents.size(); dimension-- > 0;)
    element = element * extents[dimension] + vars[dimension];
  const Expr random = threefry(cast<uint32_t>(element), [&](int key) { return Expr(keys()[key]); });
  Func scale; // 0 where the value is dropped
  scale(vars) = select(random >= Expr(threshold), static_cast<float>(1 / (1 - rate)), 0.0f);
  emitter.ahead[op] = scale;
  emitter.define(dropout.getResult(), [&](Exprs i) {
    const Expr factor = scale(std::vector<Expr>(i.begin(), i.end()));
    return select(factor == 0.0f, 0.0f, emitter.at(x, i) * factor); // infinity is dropped, too
  });
}

void emitFill(Operation *op, Emitter &emitter) {
  auto fill = llvm::cast<FillOp>(op);
  emitter.define(fill.getResult(), [&](Exprs) {
    return Expr(static_cast<float>(fill.getValue().convertToDouble()));
  });
}

} // namespace weir::kernels
