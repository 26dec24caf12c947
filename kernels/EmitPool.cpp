//===- EmitPool.cpp - pooling and its gradients ----------------------------------------------===//
//
// Gradients gather: each input position asks the windows that see it, so that nothing is written
// twice and the sum has one order.
//
//===-----------------------------------------------------------------------------------------===//

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

Expr meanFactor(const Window &window, const Expr &x, const Expr &y, bool includePadding) {
  return 1.0f / cast<float>(countOf(window.horizontal, x, includePadding) *
                            countOf(window.vertical, y, includePadding));
}

} // namespace

void emitMaxPool2d(Operation *op, Emitter &emitter) {
  auto pool = llvm::cast<MaxPool2dOp>(op);
  const Value x = pool.getX();
  emitter.keepInMemory(x);
  const Window window = poolWindow(pool, x);
  const auto largest = [&](Exprs i) {
    Expr best = Float(32).min(), index = 0;
    forEachTap(window, [&](int m, int n) {
      const Expr value = readInside(emitter, x, i[0], inputOf(window.horizontal, i[1], n),
                                    inputOf(window.vertical, i[2], m), i[3], Float(32).min());
      index = select(value > best, m * static_cast<int>(window.horizontal.kernel) + n, index);
      best = max(best, value);
    });
    return std::pair(best, index);
  };
  emitter.define(pool.getResult(), [&](Exprs i) { return largest(i).first; });
  emitter.define(pool.getIndex(), [&](Exprs i) { return largest(i).second; });
}

void emitMaxPool2dGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<MaxPool2dGradOp>(op);
  const Value dy = grad.getDy(), index = grad.getIndex();
  emitter.keepInMemory(dy);
  emitter.keepInMemory(index);
  const Window window = poolWindow(grad, grad.getResult());
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
  emitter.define(pool.getResult(), [&](Exprs i) {
    Expr sum = 0.0f;
    forEachTap(window, [&](int m, int n) {
      sum = sum + readInside(emitter, x, i[0], inputOf(window.horizontal, i[1], n),
                             inputOf(window.vertical, i[2], m), i[3], 0.0f);
    });
    return sum * meanFactor(window, i[1], i[2], pool.getCountIncludePad());
  });
}

void emitAvgPool2dGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<AvgPool2dGradOp>(op);
  const Value dy = grad.getDy();
  emitter.keepInMemory(dy);
  const Window window = poolWindow(grad, grad.getResult());
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
  reduction.partial(vars) = 0.0f;
  reduction.partial(vars) +=
      emitter.at(x, {vars[0], reduction.domain.x, reduction.domain.y, vars[1]});
  const Func sum = reduction.partial;
  emitter.reductions.push_back(std::move(reduction));
  const float factor = 1.0f / static_cast<float>(extents[1] * extents[2]);
  emitter.define(result, [&](Exprs i) { return sum(i[0], i[1]) * factor; });
}

} // namespace weir::kernels
