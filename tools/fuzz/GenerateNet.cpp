//===- GenerateNet.cpp - see GenerateNet.h ---------------------------------------------------===//
//
// What is valid the frontend says: a call is drawn, and drawn again where it is refused. Only what
// would be refused nearly always is drawn with some sense, by the argument's name.
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/fuzz/GenerateNet.h"

#include "frontend/Frontend.h"
#include "ir/Dialect.h"
#include "ir/Signatures.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <fmt/core.h>
#include <random>

using namespace mlir;

namespace weir {
namespace {

constexpr int64_t mostElements = 3000; ///< of a value of one image

class Generator {
public:
  explicit Generator(uint64_t seed) : random(seed) {}

  FuzzNet run() {
    FuzzNet net;
    net.image = {between(1, 13), between(1, 13), between(1, 9)};
    net.classes = between(1, 11);
    net.batch = between(1, 5);
    shapes = {net.image};
    const int64_t calls = between(1, 9);
    for (int64_t tries = 0; static_cast<int64_t>(net.calls.size()) < calls && tries < 60; ++tries)
      if (chance(0.05))
        addBottleneck(net);
      else
        addCall(net);
    if (chance(0.65))
      addTraining(net);
    return net;
  }

private:
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(double probability) {
    return static_cast<double>(random() >> 11) * 0x1p-53 < probability;
  }
  double number(double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53;
  }

  static std::vector<const Signature *> allOf(Category category) {
    std::vector<const Signature *> all;
    for (const Signature &signature : signatures())
      if (signature.category == category)
        all.push_back(&signature);
    return all;
  }

  /// The last value mostly, so that nets are deep; else any.
  size_t anyValue() {
    return chance(0.6) ? shapes.size() - 1 : static_cast<size_t>(random() % shapes.size());
  }
  /// One that has the shape of `value`, if there is one: for what takes two.
  size_t partnerOf(size_t value) {
    for (int tries = 0; tries < 8; ++tries)
      if (const size_t other = random() % shapes.size();
          shapes[other].size() == shapes[value].size() &&
          (shapes[other] == shapes[value] || chance(0.3)))
        return other;
    return value;
  }

  void addCall(FuzzNet &net) {
    // Half of the layers are those that nets are mostly made of.
    static constexpr llvm::StringLiteral usual[] = {"conv2d",     "conv2d",     "depthwise_conv2d",
                                                    "dense",      "batch_norm", "relu",
                                                    "max_pool2d", "concat",     "add"};
    const std::vector<const Signature *> layers = allOf(Category::Layer);
    const Signature &signature = chance(0.5) ? *findSignature(usual[random() % std::size(usual)])
                                             : *layers[random() % layers.size()];
    append(net, makeCall(signature));
  }

  /// What MobileNets are made of, and calls by chance hardly ever make: 1x1, depthwise, 1x1.
  void addBottleneck(FuzzNet &net) {
    static constexpr llvm::StringLiteral activations[] = {"relu6", "relu", "hard_swish"};
    auto pointwise = [&] {
      return append(net, {"conv2d",
                          {net.calls.size()},
                          {{"filters", std::to_string(between(1, 24))}, {"kernel", "1"}}});
    };
    auto activation = [&] {
      const llvm::StringRef op = activations[random() % std::size(activations)];
      return chance(0.3) || append(net, {op.str(), {net.calls.size()}, {}});
    };
    const bool expands = chance(0.7);
    if (expands && !(pointwise() && activation()))
      return;
    FuzzCall depthwise{"depthwise_conv2d", {net.calls.size()}, {{"kernel", pair(1, 4)}}};
    if (chance(0.3))
      depthwise.arguments.emplace_back("stride", pair(1, 2));
    if (chance(0.7))
      depthwise.arguments.emplace_back("padding", "\"same\"");
    if (append(net, std::move(depthwise)) && activation())
      pointwise();
  }

  /// False where the net would not be valid, or too large, and stays as it is.
  bool append(FuzzNet &net, FuzzCall call) {
    FuzzNet longer = net;
    if (call.op == "dense" && shapes[call.inputs[0]].size() > 1)
      call.inputs[0] = flatten(longer, call.inputs[0]);
    longer.calls.push_back(std::move(call));
    longer.result = longer.calls.size();
    std::optional<std::vector<int64_t>> shape = shapeOfResult(longer);
    if (!shape || elements(*shape) > mostElements) {
      shapes.resize(net.calls.size() + 1);
      return false;
    }
    shapes.push_back(*shape);
    net = std::move(longer);
    return true;
  }

  /// Appends a flatten of `value`; returns its value.
  size_t flatten(FuzzNet &net, size_t value) {
    net.calls.push_back({"flatten", {value}, {}});
    shapes.push_back({elements(shapes[value])});
    return net.calls.size();
  }

  static int64_t elements(const std::vector<int64_t> &shape) {
    int64_t count = 1;
    for (const int64_t extent : shape)
      count *= extent;
    return count;
  }

  FuzzCall makeCall(const Signature &signature) {
    FuzzCall call{signature.name.str(), {}, {}};
    for (const Argument &argument : signature.arguments) {
      if (argument.kind == ArgumentKind::Tensor && signature.category == Category::Layer)
        call.inputs.push_back(call.inputs.empty() ? anyValue() : partnerOf(call.inputs[0]));
      else if (argument.kind == ArgumentKind::TensorList)
        for (int64_t parts = between(1, 4); parts > 0; --parts)
          call.inputs.push_back(call.inputs.empty() ? anyValue() : partnerOf(call.inputs[0]));
      else if (argument.isAttribute() && (argument.defaultValue.empty() || chance(0.5)))
        if (std::string value = valueFor(signature, argument, call); !value.empty())
          call.arguments.emplace_back(argument.name.str(), value);
    }
    return call;
  }

  std::string valueFor(const Signature &signature, const Argument &argument, const FuzzCall &call) {
    const llvm::StringRef name = argument.name;
    const std::vector<int64_t> &shape = call.inputs.empty() ? shapes[0] : shapes[call.inputs[0]];
    const auto rank = static_cast<int64_t>(shape.size());
    switch (argument.kind) {
    case ArgumentKind::Int:
      if (name == "units" || name == "filters")
        return std::to_string(chance(0.2) ? between(15, 40) : between(1, 12));
      if (name == "axis")
        return std::to_string(between(-1, rank - 1));
      if (name == "end") // behind `begin`
        return std::to_string(between(1, shape.back()));
      return std::to_string(name == "begin" ? between(0, 2) : between(1, 4));
    case ArgumentKind::Float:
      if (name == "epsilon")
        return fmt::format("{:.2g}", number(1e-5, 1e-2));
      if (name == "weight_decay" || name == "label_smoothing")
        return fmt::format("{:.2g}", number(0, 0.2));
      return fmt::format("{:.3g}", number(0, 0.95));
    case ArgumentKind::Bool:
      return chance(0.5) ? "true" : "false";
    case ArgumentKind::String: {
      static const char *const inits[] = {"\"he_normal\"", "\"zeros\"", "\"glorot_uniform\""};
      return name == "init"            ? inits[random() % std::size(inits)]
             : name == "approximation" ? (chance(0.5) ? "\"tanh\"" : "\"none\"")
                                       : "";
    }
    case ArgumentKind::IntList:
      if (name == "shape")
        return "[" + std::to_string(between(1, 6)) + ", -1]";
      if (name == "permutation" || name == "axes")
        return someDimensions(rank, /*all=*/name == "permutation");
      return pair(1, name == "kernel" ? 5 : 3);
    case ArgumentKind::Padding:
      if (signature.name != "pad" && chance(0.4))
        return "\"same\"";
      return chance(0.3) ? fmt::format("[{}, {}, {}, {}]", between(0, 2), between(0, 2),
                                       between(0, 2), between(0, 2))
                         : pair(0, 2);
    default:
      return "";
    }
  }

  std::string pair(int64_t low, int64_t high) {
    if (chance(0.6))
      return std::to_string(between(low, high));
    const int64_t first = between(low, high), second = between(low, high);
    return fmt::format("[{}, {}]", first, second);
  }

  std::string someDimensions(int64_t rank, bool all) {
    std::vector<int64_t> dimensions;
    for (int64_t i = 0; i < rank; ++i)
      dimensions.push_back(i);
    for (size_t i = dimensions.size(); i > 1; --i)
      std::swap(dimensions[i - 1], dimensions[random() % i]);
    if (!all)
      dimensions.resize(static_cast<size_t>(between(1, rank)));
    return fmt::format("[{}]", fmt::join(dimensions, ", "));
  }

  void addTraining(FuzzNet &net) {
    const auto losses = allOf(Category::Loss), optimizers = allOf(Category::Optimizer);
    for (int tries = 0; tries < 20; ++tries) {
      FuzzNet trained = net;
      trained.loss = makeCall(*losses[random() % losses.size()]);
      trained.optimizer = makeCall(*optimizers[random() % optimizers.size()]);
      if (chance(0.2))
        trained.settings.push_back(fmt::format("clip_norm: {:.2g}", number(0.05, 2)));
      if (chance(0.2))
        trained.settings.push_back(fmt::format("clip_value: {:.2g}", number(0.01, 1)));
      if (!shapeOfResult(trained))
        continue;
      net = std::move(trained);
      return;
    }
  }

  std::mt19937_64 random;
  std::vector<std::vector<int64_t>> shapes; ///< of the values, without the batch
};

} // namespace

FuzzNet generateNet(uint64_t seed) { return Generator(seed).run(); }

std::optional<std::vector<int64_t>> shapeOfResult(const FuzzNet &net) {
  Diagnostics diagnostics;
  auto program = parseText("fuzzed.weir", net.text(), diagnostics);
  if (!program || !program->isWhole)
    return std::nullopt;
  MLIRContext context(MLIRContext::Threading::DISABLED);
  auto module = lowerToDialect(*program, context, {{}, {1}}, diagnostics);
  if (!module || diagnostics.hasErrors())
    return std::nullopt;
  // The logits are a dense of a flatten of it.
  auto infer = *module->getOps<func::FuncOp>().begin();
  auto logits = infer.getBody().front().getTerminator()->getOperand(0).getDefiningOp<DenseOp>();
  Value value = logits.getX();
  if (auto flat = value.getDefiningOp<FlattenOp>())
    value = flat.getX();
  const auto shape = cast<RankedTensorType>(value.getType()).getShape().drop_front();
  return std::vector<int64_t>(shape.begin(), shape.end());
}

} // namespace weir
