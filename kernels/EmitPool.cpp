//===- EmitPool.cpp - pooling and its gradients ----------------------------------------------===//
//
// Gradients gather: each input position asks the windows that see it, so that nothing is written
// twice and the sum has one order.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/EmitQuantized.h"
#include "kernels/EmitWindow.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

template <typename Op> Window poolWindow(Op op, Value image) {
  return windowOf(image.getType(),
                  {op.getKernel(), op.getStride(), op.getPadding(), {}, op.getCeilMode()});
}

/// Number of positions that a window's mean is over: one direction's factor.
Expr countOf(const WindowAxis &axis, const Expr &output, bool includePadding) {
  const Expr begin = output * static_cast<int>(axis.stride) - static_cast<int>(axis.before);
  const Expr end = begin + static_cast<int>(axis.kernel);
  const auto input = static_cast<int>(axis.input);
  if (includePadding)
    return min(end, input + static_cast<int>(axis.after)) - begin;
  return min(end, input) - max(begin, 0);
}

Expr positions(const Window &window, const Expr &x, const Expr &y, bool includePadding) {
  return countOf(window.horizontal, x, includePadding) *
         countOf(window.vertical, y, includePadding);
}

Expr meanFactor(const Window &window, const Expr &x, const Expr &y, bool includePadding) {
  return 1.0f / cast<float>(positions(window, x, y, includePadding));
}

/// Bytes need no number below all others: what is outside is a least byte, and each window holds a
/// value.
Expr largestByte(const Emitter &emitter, Value x, const Window &window, Exprs i) {
  Expr best;
  forEachTap(window, [&](int m, int n) {
    const Expr value =
        readInside(emitter, x, i[0], inputOf(window.horizontal, i[1], n),
                   inputOf(window.vertical, i[2], m), i[3], halideType(x.getType()).min());
    best = best.defined() ? max(best, value) : value;
  });
  return best;
}

/// Sums of 8-bit values, their zero points taken off, as averages: `count` is what is averaged
/// over, at most `mostTerms`.
Expr averageOf(Emitter &emitter, const Expr &sum, const Expr &count, int64_t mostTerms, Value x,
               Value result) {
  const Quantization from = *quantizationOf(x.getType()), to = *quantizationOf(result.getType());
  llvm::SmallVector<double> factors;
  for (int64_t terms = 1; terms <= mostTerms; ++terms)
    factors.push_back(from.scales[0] / (static_cast<double>(terms) * to.scales[0]));
  return storedInteger(scaled(sum, Factors(factors, emitter.nextConstant()).at(count - 1)), to);
}

} // namespace

void emitMaxPool2d(Operation *op, Emitter &emitter) {
  auto pool = llvm::cast<MaxPool2dOp>(op);
  const Value x = pool.getX();
  emitter.keepInMemory(x);
  const Window window = poolWindow(pool, x);
  // Less than any value: of bytes, in 16 bits.
  const bool bytes = isQuantized(x.getType());
  const Type wide = bytes ? Int(16) : Float(32);
  const auto largest = [&](Exprs i) {
    Expr best = wide.min(), index = 0;
    forEachTap(window, [&](int m, int n) {
      const Expr value = readInside(emitter, x, i[0], inputOf(window.horizontal, i[1], n),
                                    inputOf(window.vertical, i[2], m), i[3], wide.min(),
                                    [&](const Expr &read) { return cast(wide, read); });
      index = select(value > best, m * static_cast<int>(window.horizontal.kernel) + n, index);
      best = max(best, value);
    });
    return std::pair(best, index);
  };
  emitter.define(pool.getResult(), [&](Exprs i) {
    return bytes ? largestByte(emitter, x, window, i) : largest(i).first;
  });
  emitter.define(pool.getIndex(), [&](Exprs i) { return largest(i).second; });
}

void emitMaxPool2dGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<MaxPool2dGradOp>(op);
  const Value dy = grad.getDy(), index = grad.getIndex();
  emitter.keepInMemory(dy);
  emitter.keepInMemory(index);
  const Window window = poolWindow(grad, grad.getResult());
  emitter.dimensionsInside = 1;
  emitter.phases = window.horizontal.stride;
  emitter.define(grad.getResult(), [&](Exprs i) {
    Expr sum = 0.0f;
    forEachTap(window, [&](int m, int n) {
      const Position x = outputOf(window.horizontal, i[1], n),
                     y = outputOf(window.vertical, i[2], m);
      const Expr chosen = readInside(emitter, index, i[0], x, y, i[3], -1);
      sum = sum + select(chosen == m * static_cast<int>(window.horizontal.kernel) + n,
                         emitter.at(dy, {i[0], x.at, y.at, i[3]}), 0.0f);
    });
    return sum;
  });
}

void emitAvgPool2d(Operation *op, Emitter &emitter) {
  auto pool = llvm::cast<AvgPool2dOp>(op);
  const Value x = pool.getX();
  emitter.keepInMemory(x);
  const Window window = poolWindow(pool, x);
  const std::optional<Quantization> type = quantizationOf(x.getType());
  const auto number = [&](const Expr &value) { return type ? centred(value, *type) : value; };
  emitter.define(pool.getResult(), [&](Exprs i) {
    Expr sum = type ? Expr(0) : Expr(0.0f);
    forEachTap(window, [&](int m, int n) {
      sum = sum + readInside(emitter, x, i[0], inputOf(window.horizontal, i[1], n),
                             inputOf(window.vertical, i[2], m), i[3],
                             Internal::make_zero(sum.type()), number);
    });
    const bool padding = pool.getCountIncludePad();
    if (!type)
      return sum * meanFactor(window, i[1], i[2], padding);
    return averageOf(emitter, sum, positions(window, i[1], i[2], padding),
                     window.vertical.kernel * window.horizontal.kernel, x, pool.getResult());
  });
}

void emitAvgPool2dGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<AvgPool2dGradOp>(op);
  const Value dy = grad.getDy();
  emitter.keepInMemory(dy);
  const Window window = poolWindow(grad, grad.getResult());
  emitter.dimensionsInside = 1;
  emitter.phases = window.horizontal.stride;
  emitter.define(grad.getResult(), [&](Exprs i) {
    Expr sum = 0.0f;
    forEachTap(window, [&](int m, int n) {
      const Position x = outputOf(window.horizontal, i[1], n),
                     y = outputOf(window.vertical, i[2], m);
      sum = sum + readInside(emitter, dy, i[0], x, y, i[3], 0.0f) *
                      meanFactor(window, x.at, y.at, grad.getCountIncludePad());
    });
    return sum;
  });
}

void emitGlobalAvgPool2d(Operation *op, Emitter &emitter) {
  const Value x = op->getOperand(0), result = op->getResult(0);
  emitter.keepInMemory(x);
  const llvm::SmallVector<int> extents = extentsOf(x);
  const std::vector<Var> vars = indexVars(2); // channel, batch
  Reduction reduction;
  reduction.value = result;
  reduction.schedule = choosePlainSchedule(emitter.target);
  reduction.domain = RDom(0, extents[1], 0, extents[2]);
  const std::optional<Quantization> type = quantizationOf(x.getType());
  const Expr term = emitter.at(x, {vars[0], reduction.domain.x, reduction.domain.y, vars[1]});
  reduction.partial(vars) = type ? Expr(0) : Expr(0.0f);
  reduction.partial(vars) += type ? centred(term, *type) : term;
  const Func sum = reduction.partial;
  emitter.reductions.push_back(std::move(reduction));
  if (type)
    return emitter.define(result, [&](Exprs i) {
      const double count = extents[1] * extents[2];
      const Quantization to = *quantizationOf(result.getType());
      return storedInteger(
          scaled(sum(i[0], i[1]), static_cast<float>(type->scales[0] / (count * to.scales[0]))),
          to);
    });
  const float factor = 1.0f / static_cast<float>(extents[1] * extents[2]);
  emitter.define(result, [&](Exprs i) { return sum(i[0], i[1]) * factor; });
}

} // namespace weir::kernels
