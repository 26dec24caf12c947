//===- OptimizerReach.cpp - see OptimizerReach.h ---------------------------------------------===//

#include "passes/OptimizerReach.h"

#include "ir/Builders.h"
#include "ir/Signatures.h"

#include <cmath>
#include <random>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// Longer runs are continued from here by the power law of the last half.
constexpr int simulatedSteps = 2048;
/// Share of the gradient that is the same at every step; the rest of its mean square is noise.
constexpr double steadyShare = 0.5;

/// The recipe's optimizer on a row of weights that start at zero.
class Optimizer {
public:
  Optimizer(MinimizeOp minimize, int64_t weights, double learningRate)
      : signature(*findSignature(minimize.getOptimizer())) {
    OpBuilder builder(minimize.getContext());
    builder.setInsertionPointToEnd(&block); // which has no parent
    const Location location = minimize.getLoc();
    auto row = f32Tensor(builder.getContext(), {weights});
    auto scalar = f32Tensor(builder.getContext(), {});
    auto words = RankedTensorType::get({3}, builder.getI32Type());
    SmallVector<Value> values;
    for (const Argument &argument : signature.arguments) {
      if (argument.isAttribute() || argument.kind == ArgumentKind::Stream)
        continue;
      const bool isScalar =
          argument.kind == ArgumentKind::Runtime || argument.kind == ArgumentKind::ScalarState;
      const bool isCounter = argument.kind == ArgumentKind::Counter;
      const Type type = isCounter ? Type(words) : isScalar ? Type(scalar) : Type(row);
      values.push_back(block.addArgument(type, location));
      Tensor tensor(type);
      double initial = 0;
      if (argument.kind == ArgumentKind::State || argument.kind == ArgumentKind::ScalarState)
        argument.defaultValue.getAsDouble(initial);
      if (argument.kind == ArgumentKind::Runtime)
        initial = learningRate;
      llvm::fill(tensor.values, initial);
      if (argument.kind == ArgumentKind::Weight || argument.kind == ArgumentKind::State ||
          argument.kind == ArgumentKind::ScalarState)
        updated.push_back(operands.size());
      if (argument.kind == ArgumentKind::Gradient)
        gradient = operands.size();
      if (isCounter)
        counter = operands.size();
      operands.push_back(std::move(tensor));
    }
    op = buildOp(builder, location, signature.name, values, llvm::to_vector(minimize.getOptions()));
    for (size_t index : updated)
      results.push_back(operands[index]);
  }

  bool isValid() const { return op != nullptr; }
  Tensor &gradients() { return operands[gradient]; }
  const Tensor &weights() const { return operands[updated.front()]; }

  void step() {
    cast<ReferenceOpInterface>(op).evaluate(operands, results);
    for (auto [index, result] : llvm::zip_equal(updated, results))
      std::swap(operands[index], result);
    if (counter)
      operands[*counter][2] += 1;
  }

private:
  const Signature &signature;
  Block block; // owns `op`
  Operation *op = nullptr;
  std::vector<Tensor> operands, results;
  SmallVector<size_t> updated; // the operands that the results replace
  size_t gradient = 1;
  std::optional<size_t> counter;
};

/// Distance after `steps`, from those after half of the simulation and after all of it.
double continued(double half, double whole, double simulated, double steps) {
  if (steps <= simulated || half <= 0 || whole <= 0)
    return whole;
  const double power = std::min(std::max(std::log2(whole / half), 0.0), 2.0);
  return whole * std::pow(steps / simulated, power);
}

} // namespace

std::vector<Reach> measureReach(const TrainingPlan &plan, ArrayRef<double> gradients) {
  const auto count = static_cast<int64_t>(gradients.size());
  std::vector<Reach> reaches(count);
  // First the weights with noise, then those without.
  Optimizer optimizer(plan.minimize, 2 * count, plan.learningRate);
  if (count == 0 || !optimizer.isValid())
    return reaches;
  std::mt19937_64 random(1); // NOLINT(bugprone-random-generator-seed): the same each time
  std::normal_distribution<double> normal;
  const double noiseShare = std::sqrt(1 - steadyShare * steadyShare);
  const int simulated = static_cast<int>(std::min(plan.steps, double(simulatedSteps)));
  std::vector<double> half(2 * count);
  for (int step = 1; step <= simulated; ++step) {
    const double factor = steadyShare + noiseShare * normal(random);
    for (int64_t i = 0; i < count; ++i) {
      optimizer.gradients()[i] = gradients[i] * factor;
      optimizer.gradients()[count + i] = gradients[i];
    }
    optimizer.step();
    const Tensor &weights = optimizer.weights();
    if (step == std::min(earlySteps, simulated))
      for (int64_t i = 0; i < count; ++i) // without noise: ten draws are too few for a mean
        reaches[i].early = std::abs(weights[count + i]);
    if (step == (simulated + 1) / 2)
      for (int64_t i = 0; i < 2 * count; ++i)
        half[i] = std::abs(weights[i]);
  }
  const Tensor &weights = optimizer.weights();
  for (int64_t i = 0; i < count; ++i) {
    const auto distance = [&](int64_t at) {
      return plan.meanFactor * continued(half[at], std::abs(weights[at]), simulated, plan.steps);
    };
    reaches[i].typical = distance(i);
    reaches[i].steady = std::max(distance(count + i), reaches[i].typical);
  }
  return reaches;
}

} // namespace weir
