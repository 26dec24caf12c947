//===- Learnability.cpp - see Learnability.h -------------------------------------------------===//

#include "passes/Learnability.h"
#include "passes/LearnFindings.h"

#include <cmath>
#include <cstdio>

using namespace mlir;

namespace weir {

std::string shortNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  // As numberText, but 1.2e+03 reads worse than 1200.
  if (std::abs(value) >= 100 && std::abs(value) < 1e6)
    std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

std::string countText(double value) {
  std::string text = std::to_string(static_cast<int64_t>(value));
  for (int place = static_cast<int>(text.size()) - 3; place > 0; place -= 3)
    text.insert(static_cast<size_t>(place), ",");
  return text;
}

namespace {

/// What a layer's gradient is in a net whose signal arrives: used where it does not, so that the
/// learning rate is not blamed for the initialisation.
constexpr double healthyGradient = 0.1;

/// Root mean squares of the layers' gradients after the recipe's clipping.
std::vector<double> gradientsOf(const TrainingPlan &plan, VarianceFlow &flow, bool isHealthy) {
  std::vector<double> gradients;
  double squares = 0;
  for (LayerFlow &layer : flow.layers) {
    const double gradient =
        isHealthy && layer.weightGradient > 0 ? layer.weightGradient : healthyGradient;
    gradients.push_back(plan.clipValue > 0 ? std::min(gradient, plan.clipValue) : gradient);
    squares += gradients.back() * gradients.back() * static_cast<double>(layer.weightCount());
  }
  if (plan.clipNorm > 0 && squares > plan.clipNorm * plan.clipNorm)
    for (double &gradient : gradients)
      gradient *= plan.clipNorm / std::sqrt(squares);
  return gradients;
}

/// One sentence for the whole run, with the causes in their order.
LearnFinding summarize(const TrainingPlan &plan, ArrayRef<Cause> causes) {
  bool staysAtChance = false;
  std::string list;
  int number = 0;
  for (const Cause &cause : causes) {
    if (!cause.finding.isWarning)
      continue;
    staysAtChance |= cause.isFatal && cause.finding.code != "W101";
    list += " " + std::to_string(++number) + ". " + cause.summary + " [" +
            cause.finding.code.str() + "]";
  }
  return {"W100",
          true,
          plan.function.getLoc(),
          std::string("this net will ") + (staysAtChance ? "stay at chance:" : "hardly learn:") +
              list,
          {}};
}

} // namespace

std::vector<LearnFinding> checkLearnability(ModuleOp module) {
  std::vector<LearnFinding> findings;
  std::optional<TrainingPlan> plan = readTrainingPlan(module);
  if (!plan) {
    findUnusedLayers(module, findings);
    return findings;
  }
  VarianceFlow flow = analyzeVariance(*plan);
  std::vector<Cause> causes = findFlowCauses(*plan, flow);
  const bool isHealthy = causes.empty();
  for (Cause &cause : findRateCauses(*plan, flow, gradientsOf(*plan, flow, isHealthy), isHealthy))
    causes.push_back(std::move(cause));
  for (Cause &cause : findLayerCauses(*plan, flow))
    causes.push_back(std::move(cause));

  const auto warnings = llvm::count_if(causes, [](Cause &c) { return c.finding.isWarning; });
  const bool anyFatal = llvm::any_of(causes, [](Cause &c) { return c.isFatal; });
  if (warnings > 1 && anyFatal)
    findings.push_back(summarize(*plan, causes));
  // A stable partition: causes first, in rank, then what is only worth knowing.
  for (bool wantWarning : {true, false})
    for (Cause &cause : causes)
      if (cause.finding.isWarning == wantWarning)
        findings.push_back(std::move(cause.finding));
  findUnusedLayers(module, findings);
  return findings;
}

} // namespace weir
