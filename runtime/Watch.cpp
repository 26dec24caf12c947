// Judging a run; see Watch.h.
#include "runtime/Watch.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cmath>

namespace weir {

// A step changes a weight that learns by about a thousandth of its size. Measured over the first
// 200 steps of an MLP on MNIST (adam and nadam at 1e-4 to 1e-2, sgd at 1e-3 to 0.1, adadelta at 1,
// adamw at 3e-3 with one_cycle): 6e-5 to 8e-3 in every layer, all of them learn. adadelta at 0.001:
// 3e-6 to 1e-5, hardly moves; adam at 0.1: 0.2, never learns; sgd at 1: thousands, overflows.
static constexpr double leastRatio = 1e-5, mostRatio = 0.1;
// Half of a layer: some dead units are common and do no harm.
static constexpr double mostStill = 0.5;
static constexpr uint64_t fewestUnits = 4, fewestSteps = 200;

Watch::Watch(const Manifest &manifest, double learningRate, double stepsPerEpoch)
    : manifest(manifest), learningRate(learningRate), stepsPerEpoch(stepsPerEpoch),
      chance(std::log(std::max(2, manifest.classes))) {}

bool Watch::warned(const char *code) const {
  return std::any_of(found.begin(), found.end(),
                     [&](const Warning &warning) { return warning.code == code; });
}

void Watch::warn(const char *code, const std::string &message, const Variable *weight,
                 std::vector<std::string> causes) {
  const Layer *layer = weight ? manifest.layerOf(*weight) : nullptr;
  found.push_back({code, message, layer ? layer->path : "",
                   layer && !layer->source.empty() ? layer->source : manifest.source,
                   std::move(causes)});
}

// A loss that only passes by on its way down is no sign: it must have stayed for half of the time.
void Watch::judgeLoss() {
  if (std::fabs(average - chance) > 0.01 * chance) {
    isNear = false;
    return;
  }
  if (!isNear)
    nearChance = fullSteps;
  isNear = true;
  const double enough = std::max(double(fewestSteps), stepsPerEpoch / 4);
  if (double(fullSteps) < enough || double(fullSteps - nearChance) < enough / 2 || warned("W201"))
    return;
  warn(
      "W201",
      format("the loss is still %.4f after %s steps, within 1 %% of ln(%d) = %.4f: the net answers "
             "as if it guessed",
             average, withCommas(seen).c_str(), manifest.classes, chance),
      nullptr, causesOfNoLearning());
}

void Watch::compare(const uint8_t *before, const uint8_t *after, uint64_t steps) {
  const uint64_t since = std::max<uint64_t>(1, seen - seenAtCompare);
  const double rateShare = (shareSum - shareAtCompare) / double(since);
  // The comparison after 200 steps begins where the one after 50 did.
  if (seen != 50) {
    shareAtCompare = shareSum;
    seenAtCompare = seen;
  }
  const std::vector<LayerMovement> layers = measureMovement(manifest, before, after, steps);
  if (layers.empty())
    return;
  leastMoved = mostMoved = layers.front().ratio;
  stillShare = 0;
  for (const LayerMovement &layer : layers) {
    leastMoved = std::min(leastMoved, layer.ratio);
    mostMoved = std::max(mostMoved, layer.ratio);
    stillShare = std::max(stillShare, double(layer.still) / double(layer.units));
  }
  judgeMovement(layers, rateShare);
  if (rateShare >= leastShare)
    judgeStill(layers, steps);
}

static std::string rateOf(const Manifest &manifest, double learningRate) {
  return format("the learning rate %g of '%s'", learningRate,
                manifest.recipe ? manifest.recipe->optimizer.call.c_str() : "");
}

static std::string otherLayers(size_t count) {
  return count == 0
             ? ""
             : format(" (and those of %zu other %s)", count, count == 1 ? "layer" : "layers");
}

// Only while little is learned: a net that is done stands still, and one that learns well may move
// as far as it likes.
void Watch::judgeMovement(const std::vector<LayerMovement> &layers, double rateShare) {
  if (average < 0.5 * chance || warned("W202"))
    return;
  auto ratioOf = [](const LayerMovement &a, const LayerMovement &b) { return a.ratio < b.ratio; };
  const LayerMovement &most = *std::max_element(layers.begin(), layers.end(), ratioOf);
  const std::string rate = rateOf(manifest, learningRate);
  if (most.ratio > mostRatio) {
    const size_t others =
        size_t(std::count_if(layers.begin(), layers.end(),
                             [](auto &layer) { return layer.ratio > mostRatio; })) -
        1;
    warn("W202",
         format(
             "the weights of '%s'%s change by %.2g of their size in a step; more than %g is a jump",
             most.weight->name.c_str(), otherLayers(others).c_str(), most.ratio, mostRatio),
         most.weight,
         {rate + " is too high: try a tenth",
          "the first steps are too long: give the schedule a warmup",
          "some batches have huge gradients: clip_norm: 1.0 bounds them"});
    return;
  }

  // As far as the weights would go at the recipe's own rate; a layer without any gradient is
  // W203's.
  if (seen < fewestSteps || rateShare < leastShare)
    return;
  const LayerMovement *least = nullptr;
  size_t count = 0;
  for (const LayerMovement &layer : layers)
    if (layer.still < layer.units && layer.ratio / rateShare < leastRatio) {
      ++count;
      if (!least || layer.ratio < least->ratio)
        least = &layer;
    }
  if (!least)
    return;
  const bool all = mostMoved < 10 * leastRatio; // not one layer moves as it should
  const std::string low =
      rate + " is too low" +
      (manifest.recipe && manifest.recipe->optimizer.call == "adadelta" && learningRate < 0.1
           ? ": Adadelta scales its steps itself and wants 1.0"
           : ": try ten times as much");
  const std::string weak = "the gradient dies on its way back to this layer: start with he_normal "
                           "before ReLU, or add batch_norm";
  warn("W202",
       format("the weights of '%s'%s change by %.2g of their size in a step; less than %g is "
              "standing still",
              least->weight->name.c_str(), otherLayers(count - 1).c_str(), least->ratio / rateShare,
              leastRatio),
       least->weight,
       all ? std::vector<std::string>{low, weak} : std::vector<std::string>{weak, low});
}

void Watch::judgeStill(const std::vector<LayerMovement> &layers, uint64_t steps) {
  if (steps < fewestSteps || average < 0.01 || warned("W203"))
    return;
  const LayerMovement *worst = nullptr;
  auto share = [](const LayerMovement &layer) { return double(layer.still) / double(layer.units); };
  for (const LayerMovement &layer : layers)
    if (layer.units >= fewestUnits && share(layer) >= mostStill &&
        (!worst || share(layer) > share(*worst)))
      worst = &layer;
  if (!worst)
    return;
  const std::string rate = rateOf(manifest, learningRate) +
                           " is too high: one long step pushed the units below 0 for every image";
  const std::string start =
      format("the initial weights ('%s') or biases leave the units below 0 for "
             "every image: he_normal and biases of 0 before ReLU",
             worst->weight->initializer.kind.c_str());
  const bool fromTheStart = seen == steps; // never had a gradient: no step can have killed them
  std::vector<std::string> causes = fromTheStart && average < 1.5 * chance
                                        ? std::vector<std::string>{start, rate}
                                        : std::vector<std::string>{rate, start};
  causes.push_back("leaky_relu, elu or gelu in place of relu keep a gradient below 0");
  warn("W203",
       format("%s of %s units behind '%s' had no gradient in %llu steps: they are dead",
              withCommas(worst->still).c_str(), withCommas(worst->units).c_str(),
              worst->weight->name.c_str(), (unsigned long long)steps),
       worst->weight, std::move(causes));
}

// True if a layer's output goes into a ReLU of any kind, straight or through what keeps its scale.
static bool feedsRelu(const Manifest &manifest, const Layer *layer) {
  if (!layer)
    return false;
  for (size_t i = size_t(layer - manifest.layers.data()) + 1; i < manifest.layers.size(); ++i) {
    const std::string &op = manifest.layers[i].op;
    if (op.find("relu") != std::string::npos)
      return true;
    if (op != "batch_norm" && op != "bias_add" && op != "dropout")
      return false;
  }
  return false;
}

static bool hasLayer(const Manifest &manifest, const char *part) {
  return std::any_of(manifest.layers.begin(), manifest.layers.end(),
                     [&](const Layer &layer) { return layer.op.find(part) != std::string::npos; });
}

std::vector<std::string> Watch::causesOfNoLearning() const {
  struct Cause {
    double weight;
    std::string text;
  };
  std::vector<Cause> causes;
  const std::string rate = rateOf(manifest, learningRate);
  const bool adadelta = manifest.recipe && manifest.recipe->optimizer.call == "adadelta";
  const bool creeps = mostMoved >= 0 && mostMoved < 10 * leastRatio,
             leaps = mostMoved > 0.3 * mostRatio;
  const std::string moved =
      mostMoved < 0 ? "" : format(" (a step changes weights by %.1g of their size)", mostMoved);
  if (!leaps)
    causes.push_back({creeps                           ? 3.0
                      : adadelta && learningRate < 0.1 ? 2.8
                                                       : 0.6,
                      rate + " is too low" + moved +
                          (adadelta && learningRate < 0.1 ? "; Adadelta wants 1.0" : "")});
  if (!creeps)
    causes.push_back(
        {leaps || average > 1.005 * chance ? 2.5 : 0.4, rate + " is too high" + moved});
  if (stillShare >= mostStill)
    causes.push_back({2.7, format("%.0f %% of a layer's units are dead: they have no gradient",
                                  100 * stillShare)});
  std::string weak;
  for (const Variable &variable : manifest.variables) {
    const std::string &kind = variable.initializer.kind;
    if (variable.trainable && variable.shape.size() >= 2 && kind.rfind("he_", 0) != 0 &&
        kind != "orthogonal" && feedsRelu(manifest, manifest.layerOf(variable)))
      weak = kind;
  }
  if (!weak.empty())
    causes.push_back(
        {hasLayer(manifest, "batch_norm") ? 0.8 : 2.0,
         format("the initial weights '%s' let the signal die behind ReLU: use he_normal, "
                "or batch_norm",
                weak.c_str())});
  causes.push_back(
      {0.5, "labels and images do not belong together, or the images are not normalised"});
  std::sort(causes.begin(), causes.end(),
            [](const Cause &a, const Cause &b) { return a.weight > b.weight; });
  std::vector<std::string> texts;
  for (const Cause &cause : causes)
    texts.push_back(cause.text);
  return texts;
}

} // namespace weir
