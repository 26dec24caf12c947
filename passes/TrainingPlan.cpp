//===- TrainingPlan.cpp - see TrainingPlan.h -------------------------------------------------===//

#include "passes/TrainingPlan.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace weir {
namespace {

double number(DictionaryAttr call, StringRef name, double fallback) {
  if (auto real = call.getAs<FloatAttr>(name))
    return real.getValueAsDouble();
  if (auto integer = call.getAs<IntegerAttr>(name))
    return static_cast<double>(integer.getInt());
  return fallback;
}

StringRef text(DictionaryAttr call, StringRef name) {
  auto value = call.getAs<StringAttr>(name);
  return value ? value.getValue() : StringRef();
}

/// The mean of a schedule's factor over a run of this many steps and epochs (see Recipe.td).
double meanFactorOf(DictionaryAttr schedule, double steps, double epochs) {
  const StringRef call = text(schedule, "call");
  const double warmup = std::min(number(schedule, "warmup", 0) / steps, 1.0);
  const double final = number(schedule, "final", 0);
  if (call == "cosine" || call == "linear")
    return warmup / 2 + (1 - warmup) * (1 + final) / 2;
  if (call == "one_cycle") {
    const double rise = number(schedule, "rise", 0.3);
    const double start = 1 / number(schedule, "start_divisor", 25);
    return rise * (1 + start) / 2 + (1 - rise) / 2;
  }
  if (call == "step") {
    const double factor = number(schedule, "factor", 0.1);
    const double every = std::max(1.0, number(schedule, "every", 1));
    double sum = 0;
    const auto whole = static_cast<int64_t>(std::min(std::max(epochs, 1.0), 1e5));
    for (int64_t epoch = 0; epoch < whole; ++epoch)
      sum += std::pow(factor, std::floor(static_cast<double>(epoch) / every));
    return sum / static_cast<double>(whole);
  }
  return 1 - warmup / 2;
}

/// Mean and deviation of the pixels (0 to 1) of data sets that come as IDX files; photographs have
/// about those of ImageNet.
struct PixelFacts {
  StringLiteral name;
  double mean, deviation;
};
constexpr PixelFacts knownData[] = {
    {"mnist", 0.1307, 0.3081}, {"fashion_mnist", 0.2860, 0.3530}, {"kmnist", 0.1918, 0.3483}};
constexpr double otherMean = 0.45, otherDeviation = 0.25;

void readData(DictionaryAttr data, TrainingPlan &plan) {
  plan.pixelMean = otherMean;
  plan.pixelDeviation = otherDeviation;
  std::string name = text(data, "name").lower();
  std::replace(name.begin(), name.end(), '-', '_');
  for (const PixelFacts &facts : knownData)
    if (name == facts.name) {
      plan.isKnownData = true;
      plan.pixelMean = facts.mean;
      plan.pixelDeviation = facts.deviation;
    }
  plan.dataMean = number(data, "mean", 0);
  plan.dataDeviation = number(data, "deviation", 1);
  plan.inputMean = (plan.pixelMean - plan.dataMean) / plan.dataDeviation;
  plan.inputVariance = std::pow(plan.pixelDeviation / plan.dataDeviation, 2);
}

} // namespace

std::optional<TrainingPlan> readTrainingPlan(ModuleOp module) {
  auto recipe = module->getAttrOfType<DictionaryAttr>("weir.recipe");
  if (!recipe)
    return std::nullopt;
  TrainingPlan plan;
  for (auto function : module.getOps<func::FuncOp>())
    for (auto minimize : function.getOps<MinimizeOp>()) {
      plan.function = function;
      plan.minimize = minimize;
    }
  if (!plan.minimize)
    return std::nullopt;
  auto loss = plan.minimize.getLoss().getDefiningOp<CrossEntropyOp>();
  if (!loss)
    return std::nullopt;
  plan.logits = loss.getLogits();
  plan.batch = cast<RankedTensorType>(plan.logits.getType()).getDimSize(0);
  const double epochs = number(recipe, "epochs", 1);
  plan.steps = std::floor(epochs * TrainingPlan::assumedImages / static_cast<double>(plan.batch));
  if (plan.steps < 1)
    return std::nullopt;
  plan.clipNorm = number(recipe, "clip_norm", 0);
  plan.clipValue = number(recipe, "clip_value", 0);
  if (auto optimizer = recipe.getAs<DictionaryAttr>("optimizer"))
    plan.learningRate = number(optimizer, "learning_rate", 0);
  if (auto schedule = recipe.getAs<DictionaryAttr>("schedule")) {
    plan.meanFactor = meanFactorOf(schedule, plan.steps, epochs);
    plan.warmsUp = text(schedule, "call") == "one_cycle" || number(schedule, "warmup", 0) >= 100;
  }
  if (auto data = recipe.getAs<DictionaryAttr>("data"))
    readData(data, plan);
  return plan;
}

} // namespace weir
