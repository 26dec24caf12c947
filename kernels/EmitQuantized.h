//===- EmitQuantized.h - 8-bit values as numbers, and back -----------------------------------===//
//
// The arithmetic of quantized ops, step by step as ir/semantics/QuantizedArithmetic.h has it: what
// is f32 there is f32 here, rounded at each step and nothing contracted, so that a kernel's bytes
// are the reference's.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Emit.h"

namespace weir::kernels {

/// A stored integer less its zero point, i32.
Halide::Expr centred(const Halide::Expr &stored, const Quantization &type);

/// The stored integer, of 8 bits, that lies `steps` (f32) from the zero point.
Halide::Expr storedInteger(const Halide::Expr &steps, const Quantization &type);

/// An i32 as f32, times a factor that was rounded to f32.
Halide::Expr scaled(const Halide::Expr &integer, const Halide::Expr &factor);

/// f32 factors, one for all channels or one for each: constants of the kernel.
class Factors {
public:
  Factors(llvm::ArrayRef<double> factors, const std::string &name);
  Halide::Expr at(const Halide::Expr &channel) const;

private:
  float single = 0;
  Halide::Buffer<float> each; ///< padded to whole vectors; undefined where there is one for all
};

} // namespace weir::kernels
