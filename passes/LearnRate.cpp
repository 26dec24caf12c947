//===- LearnRate.cpp - W101, W102: do the weights move, and not too fast ----------------------===//

#include "passes/LearnFindings.h"
#include "passes/OptimizerReach.h"

#include "ir/Builders.h"
#include "ir/Signatures.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace weir {
namespace {

/// A run that moves weights by less than this share of their initial deviation leaves the net what
/// it was; measured: SqueezeNet with adadelta at 0.001 (0.1 to 0.3), accuracy 0.19.
constexpr double leastReach = 0.5;
/// Ten steps that move weights by more than their size overwrite them. Measured: an MLP with nadam
/// at 0.01 (1.6) ends at 0.85 to 0.93, at 0.1 (16) at chance; a SqueezeNet with adadelta at 1.0
/// (0.8) learns.
constexpr double mostEarly = 1.25, fatalEarly = 5;
/// With a warm-up the full rate meets gradients that have become noise for the most part, and ten
/// steps add up to about this share of what they would.
constexpr double warmedUp = 0.4;

/// One layer's distance relative to the size of its weights.
struct Ratio {
  LayerFlow *layer;
  Reach reach;
  double scale;
  double value;
};

/// Sgd's steps are as large as the gradients, which shrink within a few steps of a rate that is a
/// little high; the others' are not.
bool followsGradient(const TrainingPlan &plan) { return plan.minimize.getOptimizer() == "sgd"; }

/// The layer in the middle, by number of weights.
const Ratio *median(std::vector<Ratio> &ratios) {
  int64_t all = 0, below = 0;
  for (Ratio &ratio : ratios)
    all += ratio.layer->weightCount();
  llvm::sort(ratios, [](const Ratio &a, const Ratio &b) { return a.value < b.value; });
  for (Ratio &ratio : ratios) {
    below += ratio.layer->weightCount();
    if (2 * below >= all)
      return &ratio;
  }
  return nullptr;
}

/// `value` rounded down to 1, 2 or 5 times a power of ten.
double roundRate(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  const double digit = value / power;
  return power * (digit >= 5 ? 5 : digit >= 2 ? 2 : 1);
}

double defaultRate(StringRef optimizer) {
  double rate = 0;
  if (const Signature *signature = findSignature(optimizer))
    for (const Argument &argument : signature->arguments)
      if (argument.kind == ArgumentKind::Runtime)
        argument.defaultValue.getAsDouble(rate);
  return rate;
}

Cause tooLow(const TrainingPlan &plan, const Ratio &middle, bool signalArrives) {
  const StringRef optimizer = plan.minimize.getOptimizer();
  LearnFinding finding{"W101", true, plan.minimize.getLoc(), "", {}};
  finding.message = "in " + countText(plan.steps) + " steps '" + optimizer.str() +
                    "' at learning rate " + numberText(plan.learningRate) +
                    " moves a weight by about " + shortNumber(middle.reach.typical) + ", " +
                    shortNumber(middle.reach.steady) + " at most, but weights " +
                    (signalArrives ? "start with" : "that pass the signal on have") +
                    " a deviation of " + shortNumber(middle.scale) +
                    ": the net hardly moves from where it starts";
  if (optimizer == "adadelta")
    finding.notes.push_back(
        {plan.minimize.getLoc(),
         "adadelta's step has its own unit: it starts at sqrt(epsilon) whatever the gradient, and "
         "the learning rate only scales it. Keras's default is 0.001, the paper's rate is 1.0 "
         "(Zeiler 2012)"});
  const double usual = defaultRate(optimizer);
  const double wanted = usual > plan.learningRate && middle.value * usual / plan.learningRate >= 1
                            ? usual
                            : 2 * roundRate(plan.learningRate / std::max(middle.value, 1e-9));
  finding.notes.push_back({middle.layer->op->getLoc(),
                           "half of the weights move less than those of '" +
                               layerName(middle.layer->op) + "', " + shortNumber(middle.value) +
                               " deviations; learning_rate: " + numberText(wanted) + " would do"});
  return {std::move(finding),
          "the learning rate " + numberText(plan.learningRate) + " is too low for " +
              optimizer.str(),
          true};
}

Cause tooHigh(const TrainingPlan &plan, const Ratio &middle) {
  const bool isFatal = middle.value > fatalEarly;
  LearnFinding finding{"W102", true, plan.minimize.getLoc(), "", {}};
  finding.message =
      std::to_string(earlySteps) + " steps of '" + plan.minimize.getOptimizer().str() +
      "' at learning rate " + numberText(plan.learningRate) + " move a weight by " +
      shortNumber(middle.reach.early) + ", " + shortNumber(middle.value) + " times its size: " +
      (isFatal ? "the net is thrown about and ends near chance"
               : "it learns, but worse than at a lower rate");
  finding.notes.push_back(
      {middle.layer->op->getLoc(),
       "weights of '" + layerName(middle.layer->op) + "' start with a deviation of " +
           shortNumber(middle.layer->weightDeviation) + "; learning_rate: " +
           numberText(roundRate(0.5 * plan.learningRate / middle.value)) + " would do"});
  return {std::move(finding),
          "the learning rate " + numberText(plan.learningRate) + " is too high for " +
              plan.minimize.getOptimizer().str(),
          isFatal};
}

} // namespace

std::vector<Cause> findRateCauses(const TrainingPlan &plan, VarianceFlow &flow,
                                  ArrayRef<double> gradients, bool signalArrives) {
  std::vector<Reach> reaches = measureReach(plan, gradients);
  std::vector<Ratio> whole, early;
  for (auto [layer, reach] : llvm::zip_equal(flow.layers, reaches)) {
    if (layer.weightDeviation <= 0)
      continue;
    const double wanted = signalArrives ? 0 : std::sqrt(2 / layer.fanIn);
    const double scale = std::max(layer.weightDeviation, wanted);
    whole.push_back({&layer, reach, scale, reach.typical / scale});
    if (layer.isNormalised) // batch_norm forgives a weight that grew
      continue;
    reach.early *= plan.warmsUp ? warmedUp : 1;
    // Small weights before the loss are no reason to go slowly.
    const double size = std::max(layer.weightDeviation, std::sqrt(1 / layer.fanIn));
    early.push_back({&layer, reach, size, reach.early / size});
  }
  std::vector<Cause> causes;
  if (const Ratio *middle = median(whole); middle && middle->value < leastReach)
    causes.push_back(tooLow(plan, *middle, signalArrives));
  else if (const Ratio *first = median(early);
           signalArrives && first &&
           first->value > (followsGradient(plan) ? fatalEarly : mostEarly))
    causes.push_back(tooHigh(plan, *first));
  return causes;
}

} // namespace weir
