//===- LearnFlow.cpp - W103, W104: does the signal arrive, does the gradient come back --------===//

#include "passes/LearnFindings.h"

#include "ir/Builders.h"

#include <cmath>

using namespace mlir;

namespace weir {
namespace {

/// Below this deviation between two images' logits all images look the same to the loss; healthy
/// nets have 0.1 to 3.
constexpr double deadSignal = 0.003;
/// Above this root mean square the softmax of untrained logits is certain of a random class.
constexpr double explodedLogits = 30;
/// Limits for the first layer's relative gradient (gradient times weight) to the last one's.
constexpr double vanishedGradient = 1e-3, explodedGradient = 1e4;
/// Input outside of this range is the first thing to repair.
constexpr double smallInput = 0.05, largeInput = 8;

bool isRectifier(Operation *op) { return op && op->hasTrait<Rectifier>(); }

StringRef initOf(LayerFlow &layer) {
  auto kind = layer.weight.getInit().getAs<StringAttr>("kind");
  return kind ? kind.getValue() : "";
}

/// What part of its input's mean square a layer passes on.
double gainOf(const LayerFlow &layer) {
  return layer.input.square > 0 ? layer.output.square / layer.input.square : 1;
}

/// The layer that shrinks (or, with `largest`, stretches) the signal most, as far as its activation
/// cannot be blamed.
LayerFlow &extremeLayer(VarianceFlow &flow, bool largest) {
  LayerFlow *found = &flow.layers.front();
  for (LayerFlow &layer : flow.layers)
    if (largest ? gainOf(layer) > gainOf(*found) : gainOf(layer) < gainOf(*found))
      found = &layer;
  return *found;
}

bool inputIsOff(const VarianceFlow &flow) {
  const double size = std::sqrt(flow.input.square);
  return size < smallInput || size > largeInput;
}

void addInputNote(const TrainingPlan &plan, const VarianceFlow &flow, LearnFinding &finding) {
  if (!inputIsOff(flow))
    return;
  finding.notes.push_back(
      {plan.function.getArgument(0).getLoc(),
       "the input already has a root mean square of " + shortNumber(std::sqrt(flow.input.square)) +
           ", where 1 is meant: pixels of mean " + numberText(plan.pixelMean) + " and deviation " +
           numberText(plan.pixelDeviation) + " are normalised by mean " +
           numberText(plan.dataMean) + " and deviation " + numberText(plan.dataDeviation)});
}

/// Names the weakest layer and what would repair it; returns the culprit's name for the summary.
std::string addInitialiserNote(VarianceFlow &flow, LearnFinding &finding) {
  size_t rectified = 0, otherThanHe = 0;
  for (LayerFlow &layer : flow.layers)
    if (isRectifier(layer.activation)) {
      ++rectified;
      otherThanHe += !initOf(layer).starts_with("he_");
    }
  LayerFlow &weakest = extremeLayer(flow, /*largest=*/false);
  std::string fact = "'" + layerName(weakest.op) + "' (" + initOf(weakest).str() + ") passes on " +
                     shortNumber(gainOf(weakest)) + " of its input's mean square";
  if (2 * otherThanHe > rectified && 2 * rectified >= flow.layers.size()) {
    finding.notes.push_back(
        {weakest.op->getLoc(), fact + "; before a rectifier, which halves it, 2 is needed: init: "
                                      "\"he_normal\" (He et al. 2015), or batch_norm behind it"});
    return "initialisation (" + initOf(weakest).str() + ")";
  }
  // The activation between two layers that takes most of the difference away.
  size_t worst = 0;
  double kept = 1;
  for (size_t i = 0; i + 1 < flow.layers.size(); ++i) {
    const double before = flow.layers[i].output.signal(), after = flow.layers[i + 1].input.signal();
    if (flow.layers[i].activation && before > 0 && after / before < kept) {
      kept = after / before;
      worst = i;
    }
  }
  if (kept < 1) {
    LayerFlow &layer = flow.layers[worst];
    fact = "'" + layer.activation->getName().stripDialect().str() + "' behind '" +
           layerName(layer.op) + "' leaves " + shortNumber(kept) + " of it";
  }
  finding.notes.push_back(
      {(kept < 1 ? flow.layers[worst].activation : weakest.op)->getLoc(),
       fact + "; batch_norm behind each layer, or relu with init: \"he_normal\", keeps it"});
  return "net";
}

Cause diedSignal(const TrainingPlan &plan, VarianceFlow &flow) {
  const double signal = flow.logits.signal();
  LearnFinding finding{"W103", true, plan.logits.getLoc(), "", {}};
  finding.message = "the signal dies in " + std::to_string(flow.layers.size()) +
                    " layers: two images differ by " + shortNumber(flow.input.signal()) +
                    " in a value of the input, but by " + shortNumber(signal) +
                    " in a logit, so all images look the same to the loss";
  addInputNote(plan, flow, finding);
  const std::string culprit = addInitialiserNote(flow, finding);
  for (const LayerFlow &layer : flow.layers)
    if (layer.output.signal() < deadSignal) {
      finding.notes.push_back({layer.op->getLoc(), "from '" + layerName(layer.op) +
                                                       "' on they differ by less than " +
                                                       numberText(deadSignal)});
      break;
    }
  Cause cause{std::move(finding), "", true};
  cause.summary =
      inputIsOff(flow) ? "the input is not normalised" : "the " + culprit + " lets the signal die";
  return cause;
}

Cause explodedSignal(const TrainingPlan &plan, VarianceFlow &flow) {
  LearnFinding finding{"W103", true, plan.logits.getLoc(), "", {}};
  finding.message = "the signal explodes in " + std::to_string(flow.layers.size()) +
                    " layers: untrained logits have a root mean square of " +
                    shortNumber(std::sqrt(flow.logits.square)) +
                    ", and the loss starts near that instead of at ln(classes)";
  addInputNote(plan, flow, finding);
  LayerFlow &strongest = extremeLayer(flow, /*largest=*/true);
  finding.notes.push_back({strongest.op->getLoc(), "'" + layerName(strongest.op) + "' (" +
                                                       initOf(strongest).str() +
                                                       ") multiplies its input's mean square by " +
                                                       shortNumber(gainOf(strongest)) +
                                                       "; 1 keeps it, 2 before a rectifier"});
  Cause cause{std::move(finding), "", true};
  cause.summary = inputIsOff(flow) ? "the input is not normalised"
                                   : "the initialisation (" + initOf(strongest).str() +
                                         ") lets the signal explode";
  return cause;
}

double relativeGradient(const LayerFlow &layer) {
  return layer.weightGradient * layer.weightDeviation;
}

std::optional<Cause> gradientCause(VarianceFlow &flow) {
  // Behind batch_norm a weight's scale, and so its gradient's, means nothing.
  std::vector<LayerFlow *> layers;
  for (LayerFlow &layer : flow.layers)
    if (!layer.isNormalised && layer.weightDeviation > 0)
      layers.push_back(&layer);
  if (layers.size() < 2 || relativeGradient(*layers.back()) <= 0)
    return std::nullopt;
  LayerFlow &first = *layers.front(), &last = *layers.back();
  const double ratio = relativeGradient(first) / relativeGradient(last);
  if (ratio >= vanishedGradient && ratio <= explodedGradient)
    return std::nullopt;
  const bool dies = ratio < vanishedGradient;
  LearnFinding finding{"W104", true, first.op->getLoc(), "", {}};
  finding.message = std::string("the gradient ") + (dies ? "vanishes" : "explodes") +
                    " on its way back: relative to the weights it is " + shortNumber(ratio) +
                    " times as large in '" + layerName(first.op) + "' as in '" +
                    layerName(last.op) + "'";
  if (first.activation)
    finding.notes.push_back(
        {first.activation->getLoc(),
         "each '" + first.activation->getName().stripDialect().str() +
             (dies ? "' weakens it; relu with init: \"he_normal\", or batch_norm, does not"
                   : "' follows a layer that strengthens it; a smaller initialisation, "
                     "batch_norm or clip_norm keeps it")});
  return Cause{std::move(finding),
               std::string("the gradient ") + (dies ? "vanishes" : "explodes") +
                   " before the first layers",
               false};
}

} // namespace

std::vector<Cause> findFlowCauses(const TrainingPlan &plan, VarianceFlow &flow) {
  std::vector<Cause> causes;
  if (!flow.isComplete || flow.layers.empty())
    return causes;
  if (flow.logits.signal() < deadSignal)
    causes.push_back(diedSignal(plan, flow));
  else if (std::sqrt(flow.logits.square) > explodedLogits)
    causes.push_back(explodedSignal(plan, flow));
  else if (std::optional<Cause> cause = gradientCause(flow))
    causes.push_back(std::move(*cause));
  return causes;
}

} // namespace weir
