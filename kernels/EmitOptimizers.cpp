//===- EmitOptimizers.cpp - one weight's update ----------------------------------------------===//
//
// All results are functions of the operands at the same place, so that an update in place is sound
// and fuses behind the gradient. What depends on the step alone is computed once, in float64: 1 -
// beta2^t has lost four digits in float32 at the first step.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Emit.h"
#include "kernels/EmitMath.h"

#include <cmath>

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

Expr single(double value) { return Expr(static_cast<float>(value)); }
Expr exact(double value) { return Expr(value); }
Expr exact(const llvm::APFloat &value) { return Expr(value.convertToDouble()); }

/// Number of this step, from 1, as float64.
Expr stepNumber(Emitter &emitter, Value counter) {
  return cast<double>(emitter.at(counter, Expr(2)) + 1);
}

/// Scalars of the step, computed once.
Func storeScalars(Emitter &emitter, const std::vector<Expr> &values) {
  std::vector<Expr> singles;
  for (const Expr &value : values)
    singles.push_back(cast<float>(value));
  Func scalars;
  scalars() = Tuple(singles);
  emitter.store(scalars);
  return scalars;
}

/// `rate * average + (1 - rate) * value` for the result `average`, of the operand `state`.
void defineAverage(Emitter &emitter, Value average, Value state, double rate,
                   llvm::function_ref<Expr(Exprs)> value) {
  emitter.define(average, [&](Exprs i) {
    return single(rate) * emitter.at(state, i) + single(1 - rate) * value(i);
  });
}

/// The gradient at an index, with coupled decay where there is any: g + weight_decay * w.
template <typename Op> Expr gradientOf(Op op, Emitter &emitter, Exprs i) {
  Expr gradient = emitter.at(op.getGradient(), i);
  const double decay = op.getWeightDecay().convertToDouble();
  if (decay == 0 || std::is_same_v<Op, AdamwOp>)
    return gradient;
  return gradient + single(decay) * emitter.at(op.getWeight(), i);
}

/// m and v of adam's family: results 1 and 2.
template <typename Op> void defineMoments(Op op, Emitter &emitter) {
  defineAverage(emitter, op.getResult(1), op.getM(), op.getBeta1().convertToDouble(),
                [&](Exprs i) { return gradientOf(op, emitter, i); });
  defineAverage(emitter, op.getResult(2), op.getV(), op.getBeta2().convertToDouble(), [&](Exprs i) {
    const Expr g = gradientOf(op, emitter, i);
    return g * g;
  });
}

/// sqrt(1 - beta2^t): what v's root is divided by. The update multiplies its numerator and epsilon
/// with it instead.
template <typename Op> Expr rootCorrection(Op op, const Expr &step) {
  return sqrt(exact(1) - pow(exact(op.getBeta2()), step));
}

/// `weightDecay` is the decoupled one.
template <typename Op> void emitAdamFamily(Op op, Emitter &emitter, double weightDecay) {
  defineMoments(op, emitter);
  const Expr step = stepNumber(emitter, op.getCounter()), root = rootCorrection(op, step);
  const Expr rate = cast<double>(emitter.scalar(op.getLearningRate()));
  const Expr correction = exact(1) - pow(exact(op.getBeta1()), step);
  Func scalars = storeScalars(emitter, {rate * root / correction, exact(op.getEpsilon()) * root,
                                        rate * exact(weightDecay)});
  emitter.define(op.getResult(0), [&](Exprs i) {
    const Expr w = emitter.at(op.getWeight(), i);
    const Expr divisor = fastSqrt(emitter.at(op.getResult(2), i)) + Expr(scalars()[1]);
    const Expr kept = weightDecay == 0 ? w : w - Expr(scalars()[2]) * w;
    return kept - Expr(scalars()[0]) * emitter.at(op.getResult(1), i) / divisor;
  });
}

} // namespace

void emitSgd(Operation *op, Emitter &emitter) {
  auto sgd = llvm::cast<SgdOp>(op);
  const Expr momentum = single(sgd.getMomentum().convertToDouble());
  const auto gradient = [&](Exprs i) { return gradientOf(sgd, emitter, i); };
  emitter.define(sgd.getResult(1), [&](Exprs i) {
    return momentum * emitter.at(sgd.getVelocity(), i) + gradient(i);
  });
  emitter.define(sgd.getResult(0), [&](Exprs i) {
    const Expr velocity = emitter.at(sgd.getResult(1), i);
    const Expr direction = sgd.getNesterov() ? gradient(i) + momentum * velocity : velocity;
    return emitter.at(sgd.getWeight(), i) - emitter.scalar(sgd.getLearningRate()) * direction;
  });
}

void emitAdagrad(Operation *op, Emitter &emitter) {
  auto adagrad = llvm::cast<AdagradOp>(op);
  const auto gradient = [&](Exprs i) { return gradientOf(adagrad, emitter, i); };
  emitter.define(adagrad.getResult(1), [&](Exprs i) {
    return emitter.at(adagrad.getSquareSum(), i) + gradient(i) * gradient(i);
  });
  emitter.define(adagrad.getResult(0), [&](Exprs i) {
    const Expr divisor = fastSqrt(emitter.at(adagrad.getResult(1), i)) +
                         single(adagrad.getEpsilon().convertToDouble());
    return emitter.at(adagrad.getWeight(), i) -
           emitter.scalar(adagrad.getLearningRate()) * gradient(i) / divisor;
  });
}

void emitRmsprop(Operation *op, Emitter &emitter) {
  auto rmsprop = llvm::cast<RmspropOp>(op);
  const auto gradient = [&](Exprs i) { return gradientOf(rmsprop, emitter, i); };
  defineAverage(emitter, rmsprop.getResult(1), rmsprop.getSquareAverage(),
                rmsprop.getRho().convertToDouble(),
                [&](Exprs i) { return gradient(i) * gradient(i); });
  emitter.define(rmsprop.getResult(0), [&](Exprs i) {
    const Expr divisor = fastSqrt(emitter.at(rmsprop.getResult(1), i)) +
                         single(rmsprop.getEpsilon().convertToDouble());
    return emitter.at(rmsprop.getWeight(), i) -
           emitter.scalar(rmsprop.getLearningRate()) * gradient(i) / divisor;
  });
}

void emitAdadelta(Operation *op, Emitter &emitter) {
  auto adadelta = llvm::cast<AdadeltaOp>(op);
  const double rho = adadelta.getRho().convertToDouble();
  const Expr epsilon = single(adadelta.getEpsilon().convertToDouble());
  const auto gradient = [&](Exprs i) { return gradientOf(adadelta, emitter, i); };
  defineAverage(emitter, adadelta.getResult(1), adadelta.getSquareAverage(), rho,
                [&](Exprs i) { return gradient(i) * gradient(i); });
  const auto update = [&](Exprs i) {
    return gradient(i) * fastSqrt(emitter.at(adadelta.getDeltaAverage(), i) + epsilon) /
           fastSqrt(emitter.at(adadelta.getResult(1), i) + epsilon);
  };
  defineAverage(emitter, adadelta.getResult(2), adadelta.getDeltaAverage(), rho, [&](Exprs i) {
    const Expr change = update(i);
    return change * change;
  });
  emitter.define(adadelta.getResult(0), [&](Exprs i) {
    return emitter.at(adadelta.getWeight(), i) -
           emitter.scalar(adadelta.getLearningRate()) * update(i);
  });
}

void emitAdam(Operation *op, Emitter &emitter) {
  emitAdamFamily(llvm::cast<AdamOp>(op), emitter, 0);
}

void emitAdamw(Operation *op, Emitter &emitter) {
  auto adamw = llvm::cast<AdamwOp>(op);
  emitAdamFamily(adamw, emitter, adamw.getWeightDecay().convertToDouble());
}

void emitNadam(Operation *op, Emitter &emitter) {
  auto nadam = llvm::cast<NadamOp>(op);
  defineMoments(nadam, emitter);
  const double beta1 = nadam.getBeta1().convertToDouble();
  const double decay = std::pow(0.96, nadam.getMomentumDecay().convertToDouble());
  const auto momentum = [&](const Expr &t) {
    return exact(beta1) * (exact(1) - exact(0.5) * pow(exact(decay), t));
  };
  const Expr step = stepNumber(emitter, nadam.getCounter()), root = rootCorrection(nadam, step);
  const Expr rate = cast<double>(emitter.scalar(nadam.getLearningRate()));
  const Expr now = momentum(step), next = momentum(step + exact(1));
  const Expr product = cast<double>(emitter.scalar(nadam.getMomentumProduct())) * now;
  Func scalars = storeScalars(emitter, {rate * root * next / (exact(1) - product * next),
                                        rate * root * (exact(1) - now) / (exact(1) - product),
                                        exact(nadam.getEpsilon()) * root, product});
  emitter.define(nadam.getResult(0), [&](Exprs i) {
    const Expr change = Expr(scalars()[0]) * emitter.at(nadam.getResult(1), i) +
                        Expr(scalars()[1]) * gradientOf(nadam, emitter, i);
    const Expr divisor = fastSqrt(emitter.at(nadam.getResult(2), i)) + Expr(scalars()[2]);
    return emitter.at(nadam.getWeight(), i) - change / divisor;
  });
  emitter.define(nadam.getResult(3), [&](Exprs) { return Expr(scalars()[3]); });
}

} // namespace weir::kernels
