//===- EmitQuantized.cpp - quantize, requantize, dequantize, add of 8-bit values -------------===//

#include "kernels/EmitQuantized.h"

#include "llvm/Support/MathExtras.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {

Expr centred(const Expr &stored, const Quantization &type) {
  const Expr wide = cast<int32_t>(stored);
  return type.zeroPoint == 0 ? wide : wide - static_cast<int32_t>(type.zeroPoint);
}

// Clamped first, which gives the same integer, the number lies within 2^22 of 0; added to 1.5 *
// 2^23 it is rounded to an integer, ties to even, that stands in the low bits of the sum. Every
// instruction set can do that: no rounding instruction before SSE4.1.
Expr storedInteger(const Expr &steps, const Quantization &type) {
  constexpr float anchor = 12582912.0f;
  constexpr int32_t anchorBits = 0x4B400000;
  const auto from = [&](int64_t bound) { return static_cast<float>(bound - type.zeroPoint); };
  const Expr bounded = min(max(steps, from(type.low)), from(type.high));
  const Expr bits = reinterpret<int32_t>(strict_float(bounded + anchor));
  const Expr integer = bits - (anchorBits - static_cast<int32_t>(type.zeroPoint));
  return type.low < 0 ? cast<int8_t>(integer) : cast<uint8_t>(integer);
}

Expr scaled(const Expr &integer, const Expr &factor) {
  return strict_float(cast<float>(integer) * factor);
}

Factors::Factors(llvm::ArrayRef<double> factors, const std::string &name) {
  single = static_cast<float>(factors[0]);
  if (llvm::all_equal(factors))
    return;
  constexpr int widestVector = 64;
  each = Buffer<float>(static_cast<int>(llvm::alignTo(factors.size(), widestVector)), name);
  each.fill(0.0f);
  for (auto [i, factor] : llvm::enumerate(factors))
    each(static_cast<int>(i)) = static_cast<float>(factor);
}

Expr Factors::at(const Expr &channel) const {
  return each.defined() ? each(channel) : Expr(single);
}

void emitQuantize(Operation *op, Emitter &emitter) {
  const Quantization to = *quantizationOf(op->getResult(0).getType());
  const auto scale = static_cast<float>(to.scales[0]);
  emitter.define(op->getResult(0), [&](Exprs i) {
    return storedInteger(strict_float(emitter.at(op->getOperand(0), i) / scale), to);
  });
}

void emitRequantize(Operation *op, Emitter &emitter) {
  const Value x = op->getOperand(0);
  const Quantization from = *quantizationOf(x.getType()),
                     to = *quantizationOf(op->getResult(0).getType());
  llvm::SmallVector<double> factors;
  for (const double scale : from.scales)
    factors.push_back(scale / to.scales[0]);
  const Factors factor(factors, emitter.nextConstant());
  emitter.define(op->getResult(0), [&](Exprs i) {
    return storedInteger(scaled(centred(emitter.at(x, i), from), factor.at(i[0])), to);
  });
}

void emitDequantize(Operation *op, Emitter &emitter) {
  const Value x = op->getOperand(0);
  const Quantization from = *quantizationOf(x.getType());
  const Factors factor(from.scales, emitter.nextConstant());
  emitter.define(op->getResult(0),
                 [&](Exprs i) { return scaled(centred(emitter.at(x, i), from), factor.at(i[0])); });
}

void emitQuantizedAdd(Operation *op, Emitter &emitter,
                      llvm::function_ref<Expr(Value, Exprs)> operandAt) {
  const Quantization to = *quantizationOf(op->getResult(0).getType());
  const auto part = [&](Value operand, Exprs i) {
    const Quantization from = *quantizationOf(operand.getType());
    return scaled(centred(operandAt(operand, i), from),
                  static_cast<float>(from.scales[0] / to.scales[0]));
  };
  emitter.define(op->getResult(0), [&](Exprs i) {
    return storedInteger(strict_float(part(op->getOperand(0), i) + part(op->getOperand(1), i)), to);
  });
}

} // namespace weir::kernels
