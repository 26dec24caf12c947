//===- GaussianResponse.cpp - see GaussianResponse.h -----------------------------------------===//

#include "passes/GaussianResponse.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// Integration over the standard normal distribution by a uniform grid: beyond 8 deviations there
/// is nothing, and kinks cost no more than the square of the spacing.
constexpr int points = 401;
constexpr double reach = 8, spacing = 2 * reach / (points - 1);

double nodeAt(int i) { return -reach + i * spacing; }
double weightAt(int i) {
  const double z = nodeAt(i);
  return spacing * std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
}

} // namespace

bool GaussianResponse::isActivation(Operation *op) {
  return op->getNumOperands() == 1 && op->getNumResults() == 1 && op->hasTrait<weir::Pointwise>() &&
         isa<DifferentiableOpInterface>(op) && !isa<DropoutOp>(op);
}

GaussianResponse::GaussianResponse(Operation *op, double mean, double variance) {
  const double deviation = std::sqrt(std::max(variance, 0.0));
  const double step = 1e-4 * std::max(deviation, 1e-6);
  // Three stretches of one tensor: the values, and the points on either side for the slopes.
  Tensor x(ArrayRef<int64_t>{3 * points}), y(ArrayRef<int64_t>{3 * points});
  for (int i = 0; i < points; ++i) {
    x[i] = mean + deviation * nodeAt(i);
    x[points + i] = x[i] - step;
    x[2 * points + i] = x[i] + step;
  }
  cast<ReferenceOpInterface>(op).evaluate(x, y);
  values = expand(ArrayRef(y.values).take_front(points));
  std::array<double, points> slope;
  for (int i = 0; i < points; ++i)
    slope[i] = (y[2 * points + i] - y[points + i]) / (2 * step);
  slopes = expand(slope);
}

GaussianResponse::Series GaussianResponse::expand(ArrayRef<double> values) {
  Series series;
  for (int i = 0; i < points; ++i) {
    const double z = nodeAt(i), weighted = weightAt(i) * values[i];
    series.square += weighted * values[i];
    // Normalised Hermite polynomials: sqrt(n + 1) h[n + 1] = z h[n] - sqrt(n) h[n - 1].
    double before = 0, polynomial = 1;
    for (size_t n = 0; n < series.coefficients.size(); ++n) {
      series.coefficients[n] += weighted * polynomial;
      const double next = (z * polynomial - std::sqrt(double(n)) * before) / std::sqrt(n + 1.0);
      before = polynomial;
      polynomial = next;
    }
  }
  return series;
}

double GaussianResponse::Series::pair(double correlation) const {
  const double rho = std::clamp(correlation, -1.0, 1.0);
  double sum = 0, rest = square, power = 1;
  for (double coefficient : coefficients) {
    sum += coefficient * coefficient * power;
    rest -= coefficient * coefficient;
    power *= rho;
  }
  // What the expansion leaves out belongs to higher powers; it counts in full at correlation 1.
  return sum + std::max(rest, 0.0) * power;
}

} // namespace weir
