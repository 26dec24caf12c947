//===- LearnLayers.cpp - W105 to W108: layers that work on next to nothing --------------------===//

#include "passes/GaussianResponse.h"
#include "passes/LearnFindings.h"
#include "passes/VarianceRules.h"

#include "ir/Builders.h"

#include <cmath>

using namespace mlir;

namespace weir {
namespace {

/// Of n values the deviation is known to 1 part in sqrt(2 (n - 1)): below 4, batch_norm's output is
/// mostly noise; below 8 it is noisy.
constexpr double fewestValues = 4, fewValues = 8;
/// Share of a rectifier's inputs above zero below which its units count as dead.
constexpr double livingShare = 0.02;
/// Input deviation, or distance of its mean from zero, at which tanh and sigmoid are flat.
constexpr double saturatedDeviation = 4;

StringRef mnemonicOf(Operation *op) { return op->getName().stripDialect(); }

/// P(x > limit) of a normal distribution.
double shareAbove(double limit, const Moments &x) {
  const double deviation = std::sqrt(std::max(x.variance(), 1e-30));
  return std::erfc((limit - x.mean) / (deviation * std::sqrt(2.0))) / 2;
}

void findFewValues(const TrainingPlan &plan, std::vector<Cause> &causes) {
  BatchNormOp worst;
  double fewest = fewValues;
  int concerned = 0;
  for (auto norm : plan.function.getOps<BatchNormOp>()) {
    const double values = static_cast<double>(plan.batch) * placesOf(norm.getX());
    concerned += values < fewValues;
    if (values < fewest) {
      fewest = values;
      worst = norm;
    }
  }
  if (!worst)
    return;
  const bool isWarning = fewest < fewestValues;
  LearnFinding finding{"W105", isWarning, worst.getLoc(), "", {}};
  finding.message = "'" + layerName(worst) + "' takes mean and variance of " + numberText(fewest) +
                    " values per channel (batch " + std::to_string(plan.batch) + ", maps of " +
                    numberText(placesOf(worst.getX())) + " places), and so its output is " +
                    (isWarning ? "mostly noise" : "noisy") + "; a larger batch or larger maps help";
  if (concerned > 1)
    finding.message += " (so have " + std::to_string(concerned) + " batch_norm in all)";
  causes.push_back({std::move(finding), "batch_norm sees too few values", false});
}

/// Why an activation's units do nothing on this input; empty if they do.
std::string idleReason(Operation *op, const Moments &x) {
  const double deviation = std::sqrt(std::max(x.variance(), 0.0));
  if (isa<ReluOp, Relu6Op>(op) && shareAbove(0, x) < livingShare)
    return "dead: only " + shortNumber(100 * shareAbove(0, x)) + " % of their inputs are above 0";
  if (isa<Relu6Op>(op) && shareAbove(6, x) > 0.5)
    return "saturated: " + shortNumber(100 * shareAbove(6, x)) + " % of their inputs are above 6";
  const bool isSigmoid = isa<TanhOp, SigmoidOp>(op);
  if (isSigmoid && std::max(deviation, std::abs(x.mean)) > saturatedDeviation)
    return "saturated: their inputs have mean " + shortNumber(x.mean) + " and deviation " +
           shortNumber(deviation) + ", beyond 4 the curve is flat";
  return "";
}

void findIdleUnits(const TrainingPlan &plan, const VarianceFlow &flow, std::vector<Cause> &causes) {
  std::optional<LearnFinding> finding;
  int concerned = 0;
  for (Operation &op : plan.function.getBody().front()) {
    if (!GaussianResponse::isActivation(&op))
      continue;
    auto found = flow.moments.find(op.getOperand(0));
    std::string reason = found == flow.moments.end() ? "" : idleReason(&op, found->second);
    if (reason.empty())
      continue;
    ++concerned;
    if (finding)
      continue;
    finding = LearnFinding{"W106", true, op.getLoc(), "", {}};
    finding->message =
        "units of '" + layerName(&op) + "' (" + mnemonicOf(&op).str() + ") start " + reason;
    finding->notes.push_back(
        {plan.function.getArgument(0).getLoc(),
         "the input has mean " + shortNumber(flow.input.mean) + " and deviation " +
             shortNumber(std::sqrt(flow.input.variance())) + "; 0 and 1 are meant"});
  }
  if (!finding)
    return;
  if (concerned > 1)
    finding->message += " (so do those of " + std::to_string(concerned - 1) + " more)";
  causes.push_back({std::move(*finding), "units start dead or saturated", false});
}

/// Maps of one place well before the end: what was where in the image is gone.
void findSmallMaps(const TrainingPlan &plan, const VarianceFlow &flow, std::vector<Cause> &causes) {
  int convolutions = 0, onOnePlace = 0;
  double weights = 0, idle = 0;
  Operation *first = nullptr;
  SymbolTable symbols(plan.function->getParentOfType<ModuleOp>());
  for (const LayerFlow &layer : flow.layers) {
    if (!isa<Conv2dOp, DepthwiseConv2dOp>(layer.op))
      continue;
    ++convolutions;
    const double count = static_cast<double>(
        cast<RankedTensorType>(layer.op->getOperand(1).getType()).getNumElements());
    weights += count;
    if (placesOf(layer.op->getOperand(0)) > 1)
      continue;
    ++onOnePlace;
    idle += count * (1 - mixingLayer(layer.op, symbols)->usedTaps);
    if (!first)
      first = layer.op;
  }
  if (onOnePlace < 4 || 5 * onOnePlace < convolutions)
    return;
  LearnFinding finding{"W107", false, first->getLoc(), "", {}};
  finding.message = "from '" + layerName(first) +
                    "' on maps are 1x1: " + std::to_string(onOnePlace) + " of " +
                    std::to_string(convolutions) + " convolutions see one place";
  if (idle > 0.01 * weights)
    finding.message += ", and " + shortNumber(100 * idle / weights) +
                       " % of their weights multiply nothing but padding";
  finding.message += "; smaller strides keep the places apart";
  causes.push_back({std::move(finding), "maps are 1x1", false});
}

/// cross_entropy takes logits; what bounds them bounds the loss from below.
void findBoundedLogits(const TrainingPlan &plan, std::vector<Cause> &causes) {
  Operation *op = plan.logits.getDefiningOp();
  if (!isa_and_nonnull<SoftmaxOp, SigmoidOp, TanhOp>(op))
    return;
  const auto classes =
      static_cast<double>(cast<RankedTensorType>(plan.logits.getType()).getShape().back());
  const double spread = isa<TanhOp>(op) ? 2 : 1;
  const double least = std::log1p((classes - 1) * std::exp(-spread));
  LearnFinding finding{"W108", true, op->getLoc(), "", {}};
  finding.message = "'" + layerName(op) + "' (" + mnemonicOf(op).str() +
                    ") stands before cross_entropy, which takes logits and applies softmax itself: "
                    "the loss cannot fall below " +
                    numberText(std::round(1000 * least) / 1000) + "; leave it away";
  causes.push_back({std::move(finding), "the logits are bounded", false});
}

} // namespace

void findUnusedLayers(ModuleOp module, std::vector<LearnFinding> &findings) {
  auto unused = module->getAttrOfType<ArrayAttr>("weir.unused");
  if (!unused)
    return;
  for (auto each : unused.getAsRange<DictionaryAttr>()) {
    const int64_t layers = each.getAs<IntegerAttr>("layers").getInt(),
                  parameters = each.getAs<IntegerAttr>("parameters").getInt();
    auto results = each.getAs<ArrayAttr>("results");
    LearnFinding finding{"W109", true, Location(each.getAs<LocationAttr>("at")), "", {}};
    const size_t others = results.size() - 1;
    std::string names = "'" + cast<StringAttr>(results[0]).str() + "'";
    if (others == 1)
      names += " and '" + cast<StringAttr>(results[1]).str() + "'";
    else if (others > 1)
      names += " and " + std::to_string(others) + " other layers";
    finding.message =
        others ? "the results of " + names + " are not used, so the net is built without them"
               : "the result of " + names + " is not used, so the net is built without it";
    const std::string only = others ? " that only they need" : " that only it needs";
    if (const int64_t before = layers - int64_t(results.size()); before == 1)
      finding.message += " and the layer" + only;
    else if (before > 1)
      finding.message += " and the " + std::to_string(before) + " layers" + only;
    if (parameters)
      finding.message += " (" + countText(double(parameters)) + " parameters)";
    findings.push_back(std::move(finding));
  }
}

std::vector<Cause> findLayerCauses(const TrainingPlan &plan, const VarianceFlow &flow) {
  std::vector<Cause> causes;
  findBoundedLogits(plan, causes);
  findFewValues(plan, causes);
  findIdleUnits(plan, flow, causes);
  findSmallMaps(plan, flow, causes);
  return causes;
}

} // namespace weir
