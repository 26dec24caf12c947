//===- WholeNetTest.cpp - a small net through all passes, against finite differences ---------===//
//
// One training step with sgd at learning rate 1 subtracts exactly the gradient, so the difference
// of the weights before and after is the gradient that the passes made. It is compared with central
// differences of the loss, in float64, for every single weight; and each later pass must leave
// every number where it was.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/Pipelines.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace weir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace {

/// 3 images of 3x3x1, layers of 7, 5, 5 and 3: both gelus, tanh, sigmoid, relu, dropout, a scale
/// that is broadcast, and a skip connection, so that gradients add up. `loss` is the training
/// step's forward half.
constexpr llvm::StringLiteral text = R"mlir(
weir.variable @a.weight : tensor<9x7xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @a.bias : tensor<7xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @b.weight : tensor<7x5xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @b.bias : tensor<5xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @c.weight : tensor<5x5xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @scale : tensor<1x5xf32> {init = {kind = "ones"}, kind = "parameter"}
weir.variable @d.weight : tensor<5x3xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @d.bias : tensor<3xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @unused : tensor<3xf32> {init = {kind = "zeros"}, kind = "parameter"}
weir.variable @fixed : tensor<1x5xf32> {init = {kind = "ones"}, kind = "statistic"}

func.func @FUNCTION(%image: tensor<3x3x3x1xf32>, %label: tensor<3xi32>, %rate: tensor<f32>, %counter: tensor<3xi32>)
    -> (tensor<f32>, tensor<i32>) {
  %aw = weir.read @a.weight : tensor<9x7xf32>
  %ab = weir.read @a.bias : tensor<7xf32>
  %bw = weir.read @b.weight : tensor<7x5xf32>
  %bb = weir.read @b.bias : tensor<5xf32>
  %cw = weir.read @c.weight : tensor<5x5xf32>
  %scale = weir.read @scale : tensor<1x5xf32>
  %dw = weir.read @d.weight : tensor<5x3xf32>
  %db = weir.read @d.bias : tensor<3xf32>
  %fixed = weir.read @fixed : tensor<1x5xf32>
  %x = weir.flatten %image : (tensor<3x3x3x1xf32>) -> tensor<3x9xf32>
  %a0 = weir.dense %x, %aw, %ab {units = 7 : i64} : (tensor<3x9xf32>, tensor<9x7xf32>, tensor<7xf32>) -> tensor<3x7xf32>
  %a1 = weir.gelu %a0 : tensor<3x7xf32>
  %a2 = weir.dropout %a1, %counter {rate = 0.3, stream = 1 : i64} : (tensor<3x7xf32>, tensor<3xi32>) -> tensor<3x7xf32>
  %b0 = weir.dense %a2, %bw, %bb {units = 5 : i64} : (tensor<3x7xf32>, tensor<7x5xf32>, tensor<5xf32>) -> tensor<3x5xf32>
  %b1 = weir.gelu %b0 {approximation = "tanh"} : tensor<3x5xf32>
  %b2 = weir.dropout %b1, %counter {rate = 0.2, stream = 2 : i64} : (tensor<3x5xf32>, tensor<3xi32>) -> tensor<3x5xf32>
  %c0 = weir.dense %b2, %cw {units = 5 : i64, use_bias = false} : (tensor<3x5xf32>, tensor<5x5xf32>) -> tensor<3x5xf32>
  %c1 = weir.tanh %c0 : tensor<3x5xf32>
  %c2 = weir.mul %c1, %scale : (tensor<3x5xf32>, tensor<1x5xf32>) -> tensor<3x5xf32>
  %c3 = weir.add %c2, %b2 : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  %c4 = weir.sigmoid %c3 : tensor<3x5xf32>
  %c5 = weir.mul %c4, %fixed : (tensor<3x5xf32>, tensor<1x5xf32>) -> tensor<3x5xf32>
  %d0 = weir.dense %c5, %dw, %db {units = 3 : i64} : (tensor<3x5xf32>, tensor<5x3xf32>, tensor<3xf32>) -> tensor<3x3xf32>
  %loss, %correct = weir.cross_entropy %d0, %label : (tensor<3x3xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<i32>)
  MINIMIZE
  return %loss, %correct : tensor<f32>, tensor<i32>
}
)mlir";

std::string replaced(StringRef text, StringRef from, StringRef to) {
  auto [before, after] = text.split(from);
  return (before + to + after).str();
}

std::string sourceText(StringRef optimizer) {
  std::string minimize;
  if (!optimizer.empty())
    minimize = ("weir.minimize %loss with \"" + optimizer +
                "\" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)")
                   .str();
  return replaced(replaced(text, "@FUNCTION", "@step"), "MINIMIZE", minimize);
}

/// Parses the net and runs it on the same pseudo-random weights and inputs each time.
class WholeNet : public testing::Test {
protected:
  WholeNet() { context.loadDialect<WeirDialect, func::FuncDialect>(); }

  OwningOpRef<ModuleOp> parse(StringRef optimizer) {
    return parseSourceString<ModuleOp>(sourceText(optimizer), &context);
  }

  LogicalResult run(ModuleOp module, std::initializer_list<StringRef> phaseNames) {
    PassManager passes(&context);
    for (const Phase &phase : phases())
      if (llvm::is_contained(phaseNames, phase.name))
        phase.addPasses(passes);
    return passes.run(module);
  }

  /// Values by name, the same whatever other variables there are. Optimizer state is not negative.
  static Machine machineFor(ModuleOp module) {
    Machine machine;
    for (auto variable : module.getOps<VariableOp>()) {
      Tensor tensor(variable.getType());
      std::seed_seq seed(variable.getSymName().begin(), variable.getSymName().end());
      std::mt19937_64 random(seed);
      std::normal_distribution<double> normal(0, 0.7);
      for (double &value : tensor.values)
        value = variable.getKind() == "optimizer" ? std::abs(normal(random)) : normal(random);
      machine.variables[variable.getSymName()] = std::move(tensor);
    }
    return machine;
  }

  static std::vector<Tensor> arguments(double rate) {
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    Tensor image(ArrayRef<int64_t>{3, 3, 3, 1}), label(ArrayRef<int64_t>{3}),
        counter(ArrayRef<int64_t>{3});
    for (double &value : image.values)
      value = normal(random);
    label.values = {2, 0, 1};
    counter.values = {11, 5, 3};
    return {image, label, Tensor::scalar(rate), counter};
  }

  static std::vector<Tensor> call(ModuleOp module, Machine &machine, double rate) {
    auto results = machine.run(module.lookupSymbol<func::FuncOp>("step"), arguments(rate));
    EXPECT_TRUE(succeeded(results));
    return succeeded(results) ? *results : std::vector<Tensor>();
  }

  MLIRContext context;
};

TEST_F(WholeNet, GradientsAgreeWithFiniteDifferences) {
  OwningOpRef<ModuleOp> forward = parse(""), training = parse("sgd");
  ASSERT_TRUE(forward && training);
  ASSERT_TRUE(succeeded(run(*training, {"ir"})));
  Machine machine = machineFor(*training);
  for (auto &variable : machine.variables) // no velocity from before
    if (variable.getKey().ends_with(".velocity"))
      llvm::fill(variable.getValue().values, 0.0);
  Machine base = machineFor(*forward);
  const double loss = call(*training, machine, /*rate=*/1)[0][0];
  EXPECT_DOUBLE_EQ(loss, call(*forward, base, 1)[0][0]);

  constexpr double step = 1e-5;
  for (auto variable : forward->getOps<VariableOp>()) {
    SCOPED_TRACE(variable.getSymName().str());
    Tensor &weight = base.variables[variable.getSymName()];
    const Tensor &updated = machine.variables[variable.getSymName()];
    double largest = 0;
    for (int64_t i = 0; i < weight.size(); ++i) {
      const double kept = weight[i];
      weight[i] = kept + step;
      const double above = call(*forward, base, 1)[0][0];
      weight[i] = kept - step;
      const double below = call(*forward, base, 1)[0][0];
      weight[i] = kept;
      const double expected = variable.isTrainable() ? (above - below) / (2 * step) : 0;
      EXPECT_NEAR(kept - updated[i], expected, 1e-9) << "weight " << i;
      largest = std::max(largest, std::abs(expected));
    }
    // A gradient of nothing but zeros would agree with anything that is cut off.
    EXPECT_EQ(largest > 1e-3, variable.isTrainable() && variable.getSymName() != "unused");
  }
}

/// From the differentiated module on, no pass changes a number.
TEST_F(WholeNet, EachLaterPassKeepsAllNumbers) {
  for (StringRef optimizer : {"sgd", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "nadam"}) {
    SCOPED_TRACE(optimizer.str());
    OwningOpRef<ModuleOp> module = parse(optimizer);
    ASSERT_TRUE(module && succeeded(run(*module, {"ir"})));
    Machine before = machineFor(*module);
    std::vector<Tensor> expected = call(*module, before, 0.1);
    for (StringRef phase : {"groups", "memory"}) {
      SCOPED_TRACE(phase.str());
      ASSERT_TRUE(succeeded(run(*module, {phase})));
      Machine after = machineFor(*module);
      std::vector<Tensor> actual = call(*module, after, 0.1);
      ASSERT_EQ(actual.size(), expected.size());
      for (size_t i = 0; i < actual.size(); ++i)
        EXPECT_EQ(actual[i].values, expected[i].values) << "result " << i;
      ASSERT_EQ(after.variables.size(), before.variables.size());
      for (auto &variable : before.variables)
        EXPECT_EQ(after.variables[variable.getKey()].values, variable.getValue().values)
            << variable.getKey().str();
    }
  }
}

} // namespace
