//===- VarianceFlow.cpp - see VarianceFlow.h -------------------------------------------------===//

#include "passes/VarianceFlow.h"
#include "passes/GaussianResponse.h"
#include "passes/VarianceRules.h"

#include "ir/Window.h"
#include <algorithm>
#include <cmath>

using namespace mlir;

namespace weir {
namespace {

/// How alike two images, or two places of one image, are before the net: the parts of the pixels'
/// variance that all images share at a place, and all places of an image share. Measured on MNIST's
/// training images (0.29 and 0.02); others are not far.
constexpr double sharedByImages = 0.29, sharedByPlaces = 0.02;

Moments inputMoments(const TrainingPlan &plan) {
  const double meanSquare = plan.inputMean * plan.inputMean, variance = plan.inputVariance;
  return {plan.inputMean, meanSquare + variance, meanSquare + sharedByPlaces * variance,
          meanSquare + sharedByImages * variance, meanSquare};
}

/// Share of a kernel's taps that see the image and not its padding, over all output positions.
double usedTaps(const WindowAxis &axis) {
  int64_t used = 0;
  for (int64_t tap = 0; tap < axis.kernel; ++tap)
    used += axis.outputsThrough(tap);
  return static_cast<double>(used) / static_cast<double>(axis.output * axis.kernel);
}

template <typename Convolution> double usedTaps(Convolution op) {
  const Window window = windowOf(
      op.getX().getType(), {op.getKernel(), op.getStride(), op.getPadding(), op.getDilation()});
  return usedTaps(window.vertical) * usedTaps(window.horizontal);
}

double valuesPerImage(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return static_cast<double>(type.getNumElements()) / static_cast<double>(type.getDimSize(0));
}

/// The op that a layer's result goes through next, past ops that keep every value.
Operation *nextOp(Operation *op) {
  while (op->getNumResults() > 0 && op->getResult(0).hasOneUse()) {
    op = *op->getResult(0).getUsers().begin();
    if (!isa<BiasAddOp, DropoutOp, FlattenOp, ReshapeOp, ViewOp>(op))
      return op;
  }
  return op->getNumResults() > 0 && !op->getResult(0).use_empty()
             ? *op->getResult(0).getUsers().begin()
             : nullptr;
}

/// Root mean square of the weight's gradient: sums over the batch, whose images are independent,
/// and over places, which are not.
double weightGradient(const MixingLayer &layer, const Moments &x, GradientMoments g,
                      int64_t batch) {
  const double pairs = x.square * g.square + (layer.places - 1) * x.within * g.within;
  return std::sqrt(
      std::max(static_cast<double>(batch) * layer.places * layer.usedTaps * pairs, 0.0));
}

class Analysis {
public:
  explicit Analysis(const TrainingPlan &plan)
      : plan(plan), symbols(plan.function->getParentOfType<ModuleOp>()) {}

  VarianceFlow run() {
    flow.input = inputMoments(plan);
    flow.moments[plan.function.getArgument(0)] = flow.input;
    for (Operation &op : plan.function.getBody().front())
      forward(&op);
    auto logits = flow.moments.find(plan.logits);
    flow.isComplete = logits != flow.moments.end();
    if (!flow.isComplete)
      return std::move(flow);
    flow.logits = logits->second;
    backward();
    return std::move(flow);
  }

private:
  /// Moments of the operands that are no weights; nothing where one is unknown.
  std::optional<SmallVector<Moments>> operandsOf(Operation *op) {
    SmallVector<Moments> operands;
    for (Value operand : op->getOperands()) {
      if (operand.getDefiningOp<ReadOp>() && !isa<AddOp, SubOp, MulOp, DivOp>(op))
        continue;
      auto found = flow.moments.find(operand);
      if (found != flow.moments.end())
        operands.push_back(found->second);
      else if (operand.getDefiningOp() || isa<FloatType>(getElementTypeOrSelf(operand.getType())))
        return std::nullopt; // a counter or labels would be an argument of integers
    }
    return operands;
  }

  void forward(Operation *op) {
    if (!isa<DifferentiableOpInterface>(op) || isa<CrossEntropyOp>(op))
      return;
    auto operands = operandsOf(op);
    if (!operands || operands->empty())
      return;
    std::optional<Moments> result = propagate(op, *operands, symbols);
    if (!result)
      return;
    flow.moments[op->getResult(0)] = *result;
    if (std::optional<MixingLayer> layer = mixingLayer(op, symbols)) {
      LayerFlow entry;
      entry.op = op;
      entry.weight = symbols.lookup<VariableOp>(layer->weight.getVariable());
      entry.input = operands->front();
      entry.output = *result;
      entry.weightDeviation = std::sqrt(layer->variance);
      entry.fanIn = layer->terms / layer->usedTaps;
      Operation *next = nextOp(op);
      entry.isNormalised = isa_and_nonnull<BatchNormOp>(next);
      if (entry.isNormalised)
        next = nextOp(next);
      if (next && GaussianResponse::isActivation(next))
        entry.activation = next;
      flow.layers.push_back(entry);
    }
  }

  void backward() {
    // Untrained logits say every class is as likely: the gradient is (1/K - target) / batch.
    const auto classes =
        static_cast<double>(cast<RankedTensorType>(plan.logits.getType()).getShape().back());
    const auto batch = static_cast<double>(plan.batch);
    const double square = (1 - 1 / classes) / classes / (batch * batch);
    gradients[plan.logits] = {square, 0};
    auto layer = flow.layers.rbegin();
    for (Operation &op : llvm::reverse(plan.function.getBody().front())) {
      if (op.getNumResults() == 0)
        continue;
      auto found = gradients.find(op.getResult(0));
      const bool isLayer = layer != flow.layers.rend() && layer->op == &op;
      if (found != gradients.end())
        step(&op, found->second, isLayer ? &*layer : nullptr);
      if (isLayer)
        ++layer;
    }
  }

  void step(Operation *op, GradientMoments gradient, LayerFlow *layer) {
    auto operands = operandsOf(op);
    if (!operands)
      return;
    if (layer) {
      layer->outputGradient = gradient;
      layer->weightGradient =
          weightGradient(*mixingLayer(op, symbols), layer->input, gradient, plan.batch);
    }
    SmallVector<GradientMoments> back = propagateBack(op, *operands, gradient, symbols);
    size_t next = 0;
    for (Value operand : op->getOperands()) {
      if (next == back.size() || !flow.moments.contains(operand))
        continue;
      GradientMoments &sum = gradients[operand];
      sum.square += back[next].square;
      sum.within += back[next].within;
      ++next;
    }
  }

  const TrainingPlan &plan;
  SymbolTable symbols;
  VarianceFlow flow;
  llvm::DenseMap<Value, GradientMoments> gradients;
};

} // namespace

double Moments::signal() const { return std::sqrt(std::max(square - between, 0.0)); }

double placesOf(Value tensor) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(tensor.getType()).getShape();
  return shape.size() == 4 ? static_cast<double>(shape[1] * shape[2]) : 1;
}

std::optional<MixingLayer> mixingLayer(Operation *op, SymbolTable &symbols) {
  if (!isa<DenseOp, Conv2dOp, DepthwiseConv2dOp>(op))
    return std::nullopt;
  MixingLayer layer;
  layer.weight = op->getOperand(1).getDefiningOp<ReadOp>();
  if (!layer.weight)
    return std::nullopt;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(op->getOperand(1).getType()).getShape();
  layer.variance = initialVariance(symbols.lookup<VariableOp>(layer.weight.getVariable()));
  layer.inputs = valuesPerImage(op->getOperand(0));
  layer.outputs = valuesPerImage(op->getResult(0));
  layer.places = placesOf(op->getResult(0));
  double terms = static_cast<double>(shape[0]);
  if (auto convolution = dyn_cast<Conv2dOp>(op)) {
    layer.usedTaps = usedTaps(convolution);
    terms = static_cast<double>(shape[0] * shape[1] * shape[2]);
  } else if (auto depthwise = dyn_cast<DepthwiseConv2dOp>(op)) {
    layer.usedTaps = usedTaps(depthwise);
    terms = static_cast<double>(shape[0] * shape[1]);
  }
  layer.terms = terms * layer.usedTaps;
  return layer;
}

double initialVariance(VariableOp variable) {
  DictionaryAttr init = variable.getInit();
  auto number = [&](StringRef name, double fallback) {
    if (auto integer = init.getAs<IntegerAttr>(name))
      return static_cast<double>(integer.getInt());
    if (auto real = init.getAs<FloatAttr>(name))
      return real.getValueAsDouble();
    return fallback;
  };
  const auto kindAttribute = init.getAs<StringAttr>("kind");
  const StringRef kind = kindAttribute ? kindAttribute.getValue() : "";
  const double in = std::max(1.0, number("fan_in", 1)), out = std::max(1.0, number("fan_out", 1));
  if (kind.starts_with("he_"))
    return 2 / in;
  if (kind.starts_with("glorot_"))
    return 2 / (in + out);
  if (kind.starts_with("lecun_"))
    return 1 / in;
  if (kind == "pytorch_default")
    return 1 / (3 * in);
  if (kind == "ones")
    return 1;
  if (kind == "constant")
    return std::pow(number("value", 0), 2);
  if (kind == "normal")
    return std::pow(number("deviation", 1), 2);
  if (kind == "uniform")
    return std::pow(number("limit", 1), 2) / 3;
  if (kind == "orthogonal") { // orthonormal vectors of the matrix's longer side
    RankedTensorType type = variable.getTensorType();
    const double columns = static_cast<double>(type.getShape().back());
    const double rows = static_cast<double>(type.getNumElements()) / columns;
    return 1 / std::max(rows, columns);
  }
  return 0; // zeros
}

VarianceFlow analyzeVariance(const TrainingPlan &plan) { return Analysis(plan).run(); }

std::string layerName(Operation *op) {
  if (auto name = dyn_cast<NameLoc>(op->getLoc()))
    return name.getName().str();
  return op->getName().stripDialect().str();
}

} // namespace weir
