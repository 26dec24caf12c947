//===- EmitMath.h - functions of one float that vectorize ------------------------------------===//
//
// Halide calls libm, one lane at a time, for erf and tanh, and divides and takes roots at full
// precision. These expressions stay in vector registers. Errors are over all floats, measured
// against float64.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "Halide.h"
#include <functional>
#include <vector>

namespace weir::kernels {

/// erf(x); absolute error below 5e-7.
Halide::Expr fastErf(const Halide::Expr &x);

/// The derivative of gelu, Phi(x) + x phi(x) with the normal distribution and its density; absolute
/// error below 1e-6.
Halide::Expr fastGeluDerivative(const Halide::Expr &x);

/// tanh(x); relative error below 3e-7.
Halide::Expr fastTanh(const Halide::Expr &x);

/// 1 / (1 + exp(-x)).
Halide::Expr sigmoid(const Halide::Expr &x);

/// exp(x) - 1 for x <= 0; relative error below 4e-7.
Halide::Expr fastExpm1(const Halide::Expr &x);

/// sqrt(x) for x >= 0; relative error below 4e-7 from 1e-28 on, 1e-14 below that.
Halide::Expr fastSqrt(const Halide::Expr &x);

/// Scalars of Threefry-2x32 with 13 rounds (Salmon et al. 2011) for a key (two uint32) and the
/// counter's second word: what each round adds. To be computed once and kept in memory, where the
/// simplifier cannot see through them: it would spread the rotations over their sums.
std::vector<Halide::Expr> threefryKeys(const Halide::Expr &key0, const Halide::Expr &key1,
                                       const Halide::Expr &counter1);

/// First word of Threefry-2x32 for the counter's first word; `key(i)` is the i-th of
/// `threefryKeys`.
Halide::Expr threefry(const Halide::Expr &counter0, const std::function<Halide::Expr(int)> &key);

} // namespace weir::kernels
