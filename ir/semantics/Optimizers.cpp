//===- Optimizers.cpp - the optimizers' updates: constraints and reference -------------------===//

#include "ir/Builders.h"
#include "ir/Signatures.h"

#include <cmath>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// The new weight and the new state: the types of the operands of kind Weight, State and
/// ScalarState.
template <typename Op>
void inferUpdate(typename Op::Adaptor adaptor, SmallVectorImpl<Type> &types) {
  const Signature *signature =
      findSignature(Op::getOperationName().drop_front(sizeof("weir.") - 1));
  for (auto [argument, operand] : llvm::zip(signature->arguments, adaptor.getOperands()))
    if (argument.kind == ArgumentKind::Weight || argument.kind == ArgumentKind::State ||
        argument.kind == ArgumentKind::ScalarState)
      types.push_back(operand.getType());
}

LogicalResult expectRange(Operation *op, StringRef name, const APFloat &value, bool holds,
                          StringRef rule) {
  if (holds)
    return success();
  return mlir::emitError(op->getLoc())
         << "'" << op->getName().stripDialect() << "' expects " << rule << " for '" << name
         << "', but got " << numberText(value.convertToDouble());
}
LogicalResult expectFraction(Operation *op, StringRef name, const APFloat &value) {
  const double v = value.convertToDouble();
  return expectRange(op, name, value, v >= 0 && v < 1, "a value from 0 to below 1");
}
LogicalResult expectPositive(Operation *op, StringRef name, const APFloat &value) {
  const double v = value.convertToDouble();
  return expectRange(op, name, value, v > 0 && std::isfinite(v), "a positive value");
}
LogicalResult expectNotNegative(Operation *op, StringRef name, const APFloat &value) {
  const double v = value.convertToDouble();
  return expectRange(op, name, value, v >= 0 && std::isfinite(v), "a value of at least 0");
}
LogicalResult verifyMoments(Operation *op, const APFloat &beta1, const APFloat &beta2,
                            const APFloat &epsilon) {
  return success(succeeded(expectFraction(op, "beta1", beta1)) &&
                 succeeded(expectFraction(op, "beta2", beta2)) &&
                 succeeded(expectPositive(op, "epsilon", epsilon)));
}

/// C0, of the operands: gradient and state have the weight's type, rates and states of one number
/// are scalars, and the counter has its three words.
LogicalResult verifyOperands(Operation *op) {
  const Signature *signature = findSignature(op->getName().stripDialect());
  const Type weight = op->getOperand(0).getType();
  for (auto [argument, operand] : llvm::zip(signature->arguments, op->getOperands())) {
    auto type = cast<RankedTensorType>(operand.getType());
    const char *rule = nullptr;
    if (argument.kind == ArgumentKind::Gradient || argument.kind == ArgumentKind::State)
      rule = type == weight ? nullptr : "of the weight's type ";
    else if (argument.kind == ArgumentKind::Counter)
      rule = type.getShape() == ArrayRef<int64_t>{3} ? nullptr : "of three words";
    else if (argument.kind != ArgumentKind::Weight)
      rule = type.getRank() == 0 ? nullptr : "to be a scalar";
    if (!rule)
      continue;
    InFlightDiagnostic error = mlir::emitError(op->getLoc())
                               << "'" << signature->name << "' expects '" << argument.name << "' "
                               << rule;
    if (argument.kind == ArgumentKind::Gradient || argument.kind == ArgumentKind::State)
      error << weight;
    return error << ", but got " << type;
  }
  return success();
}

/// C0.
template <typename Op> LogicalResult verifyCommon(Op op) {
  return success(succeeded(verifyOperands(op)) &&
                 succeeded(expectNotNegative(op, "weight_decay", op.getWeightDecay())));
}

/// The gradient with coupled decay, g + weight_decay * w.
Tensor decayedGradient(const APFloat &weightDecay, ArrayRef<Tensor> operands) {
  Tensor g = operands[1];
  for (int64_t i = 0; i < g.size(); ++i)
    g[i] += weightDecay.convertToDouble() * operands[0][i];
  return g;
}

/// `m` and `v` after gradient `g`; returns what adam divides by, sqrt(v / (1 - beta2^t)) + epsilon.
struct Moments {
  double beta1, beta2, epsilon, step;

  double operator()(double &m, double &v, double g) const {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    return std::sqrt(v / (1 - std::pow(beta2, step))) + epsilon;
  }
};

template <typename Op> Moments momentsOf(Op op, const Tensor &counter) {
  return {op.getBeta1().convertToDouble(), op.getBeta2().convertToDouble(),
          op.getEpsilon().convertToDouble(), counter[2] + 1};
}

/// `weightDecay` is the decoupled one.
void evaluateAdam(const Moments &moments, const Tensor &g, double weightDecay,
                  ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const double rate = operands[2][0];
  Tensor &w = results[0] = operands[0], &m = results[1] = operands[4],
         &v = results[2] = operands[5];
  const double correction = 1 - std::pow(moments.beta1, moments.step);
  for (int64_t i = 0; i < w.size(); ++i) {
    const double divisor = moments(m[i], v[i], g[i]);
    w[i] -= rate * (weightDecay * w[i] + m[i] / correction / divisor);
  }
}

} // namespace

#define WEIR_INFER_UPDATE(Op)                                                                      \
  LogicalResult Op::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,      \
                                     SmallVectorImpl<Type> &types) {                               \
    inferUpdate<Op>(adaptor, types);                                                               \
    return success();                                                                              \
  }
WEIR_INFER_UPDATE(SgdOp)
WEIR_INFER_UPDATE(AdagradOp)
WEIR_INFER_UPDATE(RmspropOp)
WEIR_INFER_UPDATE(AdadeltaOp)
WEIR_INFER_UPDATE(AdamOp)
WEIR_INFER_UPDATE(AdamwOp)
WEIR_INFER_UPDATE(NadamOp)
#undef WEIR_INFER_UPDATE

LogicalResult SgdOp::verify() {
  if (failed(verifyCommon(*this)))
    return failure();
  if (failed(expectFraction(*this, "momentum", getMomentum()))) // C1
    return failure();
  if (getNesterov() && getMomentum().isZero()) // C2
    return mlir::emitError(getLoc()) << "'sgd' expects a momentum above 0 for nesterov, but got 0";
  return success();
}
void SgdOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor g = decayedGradient(getWeightDecay(), operands);
  const double rate = operands[2][0], momentum = getMomentum().convertToDouble();
  Tensor &w = results[0] = operands[0], &velocity = results[1] = operands[3];
  for (int64_t i = 0; i < w.size(); ++i) {
    velocity[i] = momentum * velocity[i] + g[i];
    w[i] -= rate * (getNesterov() ? g[i] + momentum * velocity[i] : velocity[i]);
  }
}

LogicalResult AdagradOp::verify() { // C1
  return success(succeeded(verifyCommon(*this)) &&
                 succeeded(expectPositive(*this, "epsilon", getEpsilon())));
}
void AdagradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor g = decayedGradient(getWeightDecay(), operands);
  const double rate = operands[2][0], epsilon = getEpsilon().convertToDouble();
  Tensor &w = results[0] = operands[0], &sum = results[1] = operands[3];
  for (int64_t i = 0; i < w.size(); ++i) {
    sum[i] += g[i] * g[i];
    w[i] -= rate * g[i] / (std::sqrt(sum[i]) + epsilon);
  }
}

LogicalResult RmspropOp::verify() { // C1, C2
  return success(succeeded(verifyCommon(*this)) &&
                 succeeded(expectFraction(*this, "rho", getRho())) &&
                 succeeded(expectPositive(*this, "epsilon", getEpsilon())));
}
void RmspropOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor g = decayedGradient(getWeightDecay(), operands);
  const double rate = operands[2][0], rho = getRho().convertToDouble(),
               epsilon = getEpsilon().convertToDouble();
  Tensor &w = results[0] = operands[0], &average = results[1] = operands[3];
  for (int64_t i = 0; i < w.size(); ++i) {
    average[i] = rho * average[i] + (1 - rho) * g[i] * g[i];
    w[i] -= rate * g[i] / (std::sqrt(average[i]) + epsilon);
  }
}

LogicalResult AdadeltaOp::verify() { // C1, C2
  return success(succeeded(verifyCommon(*this)) &&
                 succeeded(expectFraction(*this, "rho", getRho())) &&
                 succeeded(expectPositive(*this, "epsilon", getEpsilon())));
}
void AdadeltaOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor g = decayedGradient(getWeightDecay(), operands);
  const double rate = operands[2][0], rho = getRho().convertToDouble(),
               epsilon = getEpsilon().convertToDouble();
  Tensor &w = results[0] = operands[0], &square = results[1] = operands[3],
         &delta = results[2] = operands[4];
  for (int64_t i = 0; i < w.size(); ++i) {
    square[i] = rho * square[i] + (1 - rho) * g[i] * g[i];
    const double update = g[i] * std::sqrt(delta[i] + epsilon) / std::sqrt(square[i] + epsilon);
    delta[i] = rho * delta[i] + (1 - rho) * update * update;
    w[i] -= rate * update;
  }
}

LogicalResult AdamOp::verify() { // C1, C2
  return success(succeeded(verifyCommon(*this)) &&
                 succeeded(verifyMoments(*this, getBeta1(), getBeta2(), getEpsilon())));
}
void AdamOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  evaluateAdam(momentsOf(*this, operands[3]), decayedGradient(getWeightDecay(), operands), 0,
               operands, results);
}

LogicalResult AdamwOp::verify() { // C1, C2
  return success(succeeded(verifyCommon(*this)) &&
                 succeeded(verifyMoments(*this, getBeta1(), getBeta2(), getEpsilon())));
}
void AdamwOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  evaluateAdam(momentsOf(*this, operands[3]), operands[1], getWeightDecay().convertToDouble(),
               operands, results);
}

LogicalResult NadamOp::verify() {
  return success(succeeded(verifyCommon(*this)) &&
                 succeeded(verifyMoments(*this, getBeta1(), getBeta2(), getEpsilon())) &&
                 succeeded(expectNotNegative(*this, "momentum_decay", getMomentumDecay()))); // C3
}
void NadamOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor g = decayedGradient(getWeightDecay(), operands);
  const double rate = operands[2][0], decay = getMomentumDecay().convertToDouble();
  const Moments moments = momentsOf(*this, operands[3]);
  const auto momentum = [&](double t) {
    return moments.beta1 * (1 - 0.5 * std::pow(0.96, t * decay));
  };
  const double now = momentum(moments.step), next = momentum(moments.step + 1);
  Tensor &w = results[0] = operands[0], &m = results[1] = operands[4],
         &v = results[2] = operands[5];
  const double product = operands[6][0] * now;
  results[3][0] = product;
  for (int64_t i = 0; i < w.size(); ++i) {
    const double divisor = moments(m[i], v[i], g[i]);
    w[i] -=
        rate * (next * m[i] / (1 - product * next) + (1 - now) * g[i] / (1 - product)) / divisor;
  }
}

} // namespace weir
