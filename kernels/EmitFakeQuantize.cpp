//===- EmitFakeQuantize.cpp - value_range, fake_quantize and its gradient --------------------===//
//
// The arithmetic is strict: what is rounded here must be what the integers of the quantized net
// are, and a product contracted with a sum would round ties to the other side.
//
//===-------------------------------------------------------------------------------------------===//

#include "kernels/Emit.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

/// The numbers of a range: scale (0 of no range) and zero point.
struct RangeNumbers {
  Expr scale, zeroPoint, low, high;
};

/// Integers of the values of an op, whose range is computed ahead of the loop over all values.
class Integers {
public:
  Integers(Emitter &emitter, Operation *op, bool symmetric) : emitter(emitter), op(op) {
    const Value low = op->getOperand(1), high = op->getOperand(2);
    emitter.keepInMemory(low);
    emitter.keepInMemory(high);
    perChannel = !extentsOf(low).empty();
    const std::vector<Var> vars = perChannel ? indexVars(1) : std::vector<Var>();
    const std::vector<Expr> index(vars.begin(), vars.end());
    const Expr from = min(emitter.at(low, index), 0.0f), to = max(emitter.at(high, index), 0.0f);
    Expr scale, zeroPoint = 0.0f;
    if (symmetric) {
      scale = strict_float(max(-from, to) / 127.0f);
    } else {
      scale = strict_float((to - from) / 255.0f);
      zeroPoint = strict_float(select(scale > 0.0f, round(-from / scale), 0.0f));
    }
    numbers(vars) = Tuple(scale, zeroPoint);
    emitter.store(numbers, extentsOf(low));
    lowest = symmetric ? -127.0f : 0.0f;
    highest = symmetric ? 127.0f : 255.0f;
  }

  RangeNumbers at(Exprs i) const {
    const std::vector<Expr> index = perChannel ? std::vector<Expr>{i[0]} : std::vector<Expr>();
    return {numbers(index)[0], numbers(index)[1], lowest, highest};
  }
  /// The integer at `i`, before it is cut off.
  Expr integer(Exprs i, const RangeNumbers &range) const {
    const Expr steps = round(strict_float(emitter.at(op->getOperand(0), i) / range.scale));
    return select(range.scale > 0.0f, steps + range.zeroPoint, range.zeroPoint);
  }

private:
  Emitter &emitter;
  Operation *op;
  bool perChannel = false;
  Func numbers;
  Expr lowest, highest;
};

} // namespace

void emitValueRange(Operation *op, Emitter &emitter) {
  auto range = llvm::cast<ValueRangeOp>(op);
  const Value x = range.getX();
  const llvm::SmallVector<int> extents = extentsOf(x);
  if (extents.empty()) {
    for (Value result : range.getResults())
      emitter.define(result, [&](Exprs i) { return emitter.at(x, i); });
    return;
  }
  emitter.keepInMemory(x);
  // Channel by channel over all positions: vectors of channels.
  Region positions;
  for (size_t dimension = 1; dimension < extents.size(); ++dimension)
    positions.emplace_back(0, extents[dimension]);
  const Var channel = indexVar(0);
  std::vector<Expr> index{channel};
  Func ofChannels;
  ofChannels(channel) = Tuple(Float(32).max(), Float(32).min());
  RDom domain;
  if (positions.empty()) {
    ofChannels(channel) = Tuple(emitter.at(x, index), emitter.at(x, index));
  } else {
    domain = RDom(positions);
    for (size_t dimension = 1; dimension < extents.size(); ++dimension)
      index.push_back(domain[static_cast<int>(dimension) - 1]);
    const Expr value = emitter.at(x, index);
    ofChannels(channel) =
        Tuple(min(ofChannels(channel)[0], value), max(ofChannels(channel)[1], value));
  }
  emitter.store(ofChannels, extents[0], domain);
  if (range.getPerChannel()) {
    emitter.define(range.getLow(), [&](Exprs i) { return Expr(ofChannels(i[0])[0]); });
    emitter.define(range.getHigh(), [&](Exprs i) { return Expr(ofChannels(i[0])[1]); });
    return;
  }
  const RDom channels(0, extents[0]);
  Func all;
  all() = Tuple(Float(32).max(), Float(32).min());
  all() = Tuple(min(all()[0], ofChannels(channels)[0]), max(all()[1], ofChannels(channels)[1]));
  emitter.store(all, {}, channels);
  emitter.define(range.getLow(), [&](Exprs) { return Expr(all()[0]); });
  emitter.define(range.getHigh(), [&](Exprs) { return Expr(all()[1]); });
}

void emitFakeQuantize(Operation *op, Emitter &emitter) {
  const Integers integers(emitter, op, llvm::cast<FakeQuantizeOp>(op).getSymmetric());
  emitter.define(op->getResult(0), [&](Exprs i) {
    const RangeNumbers range = integers.at(i);
    const Expr integer = clamp(integers.integer(i, range), range.low, range.high);
    return strict_float((integer - range.zeroPoint) * range.scale);
  });
}

void emitFakeQuantizeGrad(Operation *op, Emitter &emitter) {
  const Integers integers(emitter, op, llvm::cast<FakeQuantizeGradOp>(op).getSymmetric());
  emitter.define(op->getResult(0), [&](Exprs i) {
    const RangeNumbers range = integers.at(i);
    const Expr integer = integers.integer(i, range);
    const Expr reaches = range.scale > 0.0f && integer >= range.low && integer <= range.high;
    return select(reaches, emitter.at(op->getOperand(3), i), 0.0f);
  });
}

} // namespace weir::kernels
