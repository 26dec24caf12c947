//===- GaussianResponse.h - what an activation makes of normally distributed input ------------===//
//
// Moments of f(x) for x ~ N(mean, variance), and of pairs of such values with a given correlation,
// for any op that maps each value on its own. The function is the op's own reference `evaluate`;
// its expansion in Hermite polynomials gives every pair moment as a power series in the correlation
// (Daniely et al. 2016, "dual activation").
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include <array>

namespace weir {

class GaussianResponse {
public:
  /// True for ops that map each value of one operand on its own (relu, gelu, tanh, ..).
  static bool isActivation(mlir::Operation *op);

  /// `op` on inputs of this mean and variance.
  GaussianResponse(mlir::Operation *op, double mean, double variance);

  double mean() const { return values.coefficients[0]; }
  /// E[f(x)^2].
  double square() const { return values.square; }
  /// E[f(x) f(x')] for inputs of this correlation, -1 to 1.
  double covariance(double correlation) const { return values.pair(correlation); }
  /// E[f'(x)^2], and E[f'(x) f'(x')].
  double slopeSquare() const { return slopes.square; }
  double slopeCovariance(double correlation) const { return slopes.pair(correlation); }

private:
  /// A function's first Hermite coefficients under the standard normal distribution.
  struct Series {
    std::array<double, 24> coefficients{};
    double square = 0;
    double pair(double correlation) const;
  };
  static Series expand(llvm::ArrayRef<double> values);

  Series values, slopes;
};

} // namespace weir
