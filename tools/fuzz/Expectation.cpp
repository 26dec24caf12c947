//===- Expectation.cpp - see Expectation.h ---------------------------------------------------===//

#include "tools/fuzz/Expectation.h"

#include "tools/check/Difference.h"
#include "tools/check/Noise.h"

#include <cmath>
#include <fmt/core.h>

using namespace mlir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace weir {
namespace {

constexpr double noise = 0x1p-21; ///< relative, of each value: eight roundings
constexpr double margin = 32;     ///< tolerance in what the noise moves
constexpr double floorUlps = 64;  ///< at least so many units in the last place of the largest value

/// Why float32 does not hold `tensor`, or empty.
std::string unfitness(const Tensor &tensor) {
  for (const double value : tensor.values)
    if (!std::isfinite(value) || std::abs(value) > 1e30)
      return "a value is larger than float32 holds";
  return "";
}

double largestDifference(const Tensor &a, const Tensor &b) {
  double largest = 0;
  for (auto [x, y] : llvm::zip_equal(a.values, b.values))
    largest = std::max(largest, std::isnan(x - y) ? HUGE_VAL : std::abs(x - y));
  return largest;
}

double floorOf(const Tensor &tensor) {
  double largest = 0;
  for (const double value : tensor.values)
    largest = std::max(largest, std::abs(value));
  return floorUlps * ulpAt(std::max(largest, 1e-20));
}

} // namespace

Expectation::Expectation(func::FuncOp function, ArrayRef<Tensor> arguments, uint64_t seed)
    : seed(seed) {
  auto module = function->getParentOfType<ModuleOp>();
  Machine machine = machineFor(module, seed);
  auto results = machine.run(function, arguments, [&](Operation *, ArrayRef<Tensor> values) {
    for (const Tensor &tensor : values)
      if (reason.empty())
        reason = unfitness(tensor);
  });
  if (failed(results)) {
    reason = "the reference cannot run it";
    return;
  }
  exact.results = std::move(*results);
  function.walk([&](AssignOp assign) {
    exact.assigned[assign.getVariable()] = machine.variables[assign.getVariable()];
  });
  for (const Tensor &tensor : exact.results)
    resultTolerances.push_back(floorOf(tensor));
  for (const auto &variable : exact.assigned)
    variableTolerances[variable.getKey()] = floorOf(variable.getValue());

  if (!reason.empty())
    return;
  auto widen = [](double &tolerance, const Tensor &a, const Tensor &b) {
    tolerance = std::max(tolerance, margin * largestDifference(a, b));
  };
  auto visit = [&](const FunctionRun &moved) {
    for (auto [tolerance, a, b] : llvm::zip_equal(resultTolerances, exact.results, moved.results))
      widen(tolerance, a, b);
    for (const auto &variable : exact.assigned)
      widen(variableTolerances[variable.getKey()], variable.getValue(),
            moved.assigned.find(variable.getKey())->second);
  };
  if (failed(forEachNoisyRun(function, arguments, noise, seed, visit)))
    reason = "the reference cannot run it with noise";
}

std::string Expectation::checkResult(size_t index, ArrayRef<double> values) const {
  const std::string problem = compare(exact.results[index], resultTolerances[index], values);
  return problem.empty() ? "" : fmt::format("result {}: {}", index, problem);
}

std::string Expectation::checkVariable(VariableOp variable, ArrayRef<double> values) const {
  const llvm::StringRef name = variable.getSymName();
  auto found = exact.assigned.find(name);
  const bool isAssigned = found != exact.assigned.end();
  const Tensor expected = isAssigned ? found->second : valueFor(variable, seed);
  const std::string problem =
      compare(expected, isAssigned ? variableTolerances.lookup(name) : 0, values);
  return problem.empty() ? "" : fmt::format("variable '{}': {}", name.str(), problem);
}

std::string Expectation::compare(const Tensor &expected, double tolerance,
                                 ArrayRef<double> values) const {
  if (static_cast<int64_t>(values.size()) != expected.size())
    return fmt::format("expects {} values, but got {}", expected.size(), values.size());
  for (int64_t i = 0; i < expected.size(); ++i)
    if (!(std::abs(values[i] - expected[i]) <= tolerance))
      return fmt::format("value {} of {} is {:.9g} instead of {:.9g} (tolerance {:.2g})", i,
                         expected.size(), values[i], expected[i], tolerance);
  return "";
}

} // namespace weir
