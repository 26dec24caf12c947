//===- LearnabilityTest.cpp - the numbers behind "will it learn?" -----------------------------===//
//
// Moments of activations against closed forms, the flow through layers against known gains, the
// optimizers' reach against sums that can be done by hand. What is said about whole nets is tested
// in test/tools/learning*.test.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/Learnability.h"
#include "passes/GaussianResponse.h"
#include "passes/OptimizerReach.h"
#include "passes/VarianceFlow.h"

#include "mlir/Parser/Parser.h"
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

using namespace mlir;
using namespace weir;

namespace {

constexpr double pi = std::numbers::pi;

class Learnability : public testing::Test {
protected:
  Learnability() { context.loadDialect<WeirDialect, func::FuncDialect>(); }

  GaussianResponse respond(StringRef activation, double mean, double variance) {
    OwningOpRef<ModuleOp> &module = modules.emplace_back(parseSourceString<ModuleOp>(
        ("func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {\n  %y = weir." + activation +
         " %x : tensor<4xf32>\n  return %y : tensor<4xf32>\n}")
            .str(),
        &context));
    Operation *op = &*module->lookupSymbol<func::FuncOp>("f").getBody().front().begin();
    return GaussianResponse(op, mean, variance);
  }

  /// `depth` relu layers of 64 units, each with weights of this initialiser, then 10 logits.
  ModuleOp deepNet(int depth, StringRef init, StringRef optimizer, double rate) {
    std::string variables, body, previous = "x";
    for (int i = 0; i <= depth; ++i) {
      const std::string name = "l" + std::to_string(i), units = i == depth ? "10" : "64";
      variables += "weir.variable @" + name + " : tensor<64x" + units + "xf32> {init = {kind = \"" +
                   init.str() + "\", fan_in = 64 : i64, fan_out = " + units +
                   " : i64}, kind = \"parameter\"}\n";
      body += "  %w" + name + " = weir.read @" + name + " : tensor<64x" + units + "xf32>\n  %" +
              name + " = weir.dense %" + previous + ", %w" + name + " {units = " + units +
              " : i64, use_bias = false} : (tensor<8x64xf32>, tensor<64x" + units +
              "xf32>) -> tensor<8x" + units + "xf32>\n";
      previous = name;
      if (i < depth) {
        body += "  %r" + name + " = weir.relu %" + name + " : tensor<8x64xf32>\n";
        previous = "r" + name;
      }
    }
    const std::string text =
        "module attributes {weir.recipe = {batch = 8 : i64, epochs = 1 : i64, optimizer = {call = "
        "\"" +
        optimizer.str() + "\", learning_rate = " + std::to_string(rate) +
        " : f64}, data = {call = \"images\", name = \"mnist\", mean = 0.1307 : f64, deviation = "
        "0.3081 : f64}}} {\n" +
        variables +
        "func.func @train_step(%image: tensor<8x8x8x1xf32>, %label: tensor<8xi32>, %rate: "
        "tensor<f32>, %counter: tensor<3xi32>) -> tensor<f32> {\n"
        "  %x = weir.flatten %image : (tensor<8x8x8x1xf32>) -> tensor<8x64xf32>\n" +
        body + "  %loss, %correct = weir.cross_entropy %" + previous +
        ", %label : (tensor<8x10xf32>, tensor<8xi32>) -> (tensor<f32>, tensor<i32>)\n"
        "  weir.minimize %loss with \"" +
        optimizer.str() +
        "\" {} at %counter (%rate) : tensor<f32>, tensor<3xi32> (tensor<f32>)\n"
        "  return %loss : tensor<f32>\n}\n}\n";
    return *modules.emplace_back(parseSourceString<ModuleOp>(text, &context));
  }

  static std::vector<std::string> codes(ModuleOp module) {
    std::vector<std::string> list;
    for (const LearnFinding &finding : checkLearnability(module))
      list.push_back(finding.code.str());
    return list;
  }

  MLIRContext context;
  std::vector<OwningOpRef<ModuleOp>> modules;
};

using Codes = std::vector<std::string>;

/// He et al. 2015: half of the mean square; Cho and Saul 2009 for pairs.
TEST_F(Learnability, ReluHasItsClosedForms) {
  GaussianResponse relu = respond("relu", 0, 4);
  EXPECT_NEAR(relu.mean(), 2 / std::sqrt(2 * pi), 3e-4);
  EXPECT_NEAR(relu.square(), 2, 1e-3);
  EXPECT_NEAR(relu.slopeSquare(), 0.5, 0.01); // the node at the kink counts half
  for (double rho : {-0.5, 0.0, 0.3, 0.9}) {
    const double angle = std::acos(rho);
    EXPECT_NEAR(relu.covariance(rho),
                4 / (2 * pi) * (std::sin(angle) + (pi - angle) * std::cos(angle)), 4e-3)
        << rho;
    EXPECT_NEAR(relu.slopeCovariance(rho), (pi - angle) / (2 * pi), 0.02) << rho;
  }
}

TEST_F(Learnability, ActivationsFollowTheInput) {
  // Far above zero relu changes nothing, far below nothing comes out; wide input saturates tanh.
  EXPECT_NEAR(respond("relu", 10, 1).square(), 101, 1e-3);
  EXPECT_NEAR(respond("relu", -10, 1).square(), 0, 1e-9);
  EXPECT_NEAR(respond("tanh", 0, 1e-4).square(), 1e-4, 1e-7);
  EXPECT_GT(respond("tanh", 0, 100).square(), 0.9);
  EXPECT_LT(respond("tanh", 0, 100).slopeSquare(), 0.06);
  EXPECT_NEAR(respond("sigmoid", 0, 1).mean(), 0.5, 1e-6);
}

/// He keeps the mean square, torch's default leaves a sixth of it in each relu layer.
TEST_F(Learnability, FlowKnowsTheGains) {
  for (auto [init, gain] : {std::pair("he_normal", 1.0), std::pair("pytorch_default", 1.0 / 6)}) {
    ModuleOp module = deepNet(4, init, "sgd", 0.1);
    ASSERT_TRUE(module);
    auto plan = readTrainingPlan(module);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->steps, 7500);
    VarianceFlow flow = analyzeVariance(*plan);
    ASSERT_TRUE(flow.isComplete);
    ASSERT_EQ(flow.layers.size(), 5u);
    EXPECT_NEAR(flow.input.square, 1, 1e-3);
    for (size_t i = 1; i < 5; ++i)
      EXPECT_NEAR(flow.layers[i].input.square, std::pow(gain, double(i)),
                  0.01 * std::pow(gain, double(i)))
          << init << i;
    // A net of relus: weight times gradient summed over a layer is the same for all of them.
    auto inner = [](LayerFlow &layer) { return layer.weightGradient * layer.weightDeviation; };
    EXPECT_NEAR(inner(flow.layers[0]) / inner(flow.layers[3]), 1, 0.1) << init;
    EXPECT_GT(inner(flow.layers[0]), 0) << init;
  }
}

TEST_F(Learnability, ReachIsTheSumOfTheSteps) {
  struct Case {
    StringRef optimizer;
    double rate, gradient, steady;
  };
  // Sgd: steps x rate x gradient. Adam: steps x rate, whatever the gradient. Adadelta: the square
  // of a step grows by (1 - rho) epsilon in each, so sum_n sqrt(0.1 * 1e-6 * n) = 0.667 sqrt(1e-7)
  // n^1.5.
  for (const Case &c :
       {Case{"sgd", 0.01, 0.02, 7500 * 0.01 * 0.02}, Case{"adam", 0.001, 0.02, 7.5},
        Case{"adadelta", 0.001, 1, 0.001 * 2 / 3 * std::sqrt(1e-7) * std::pow(7500, 1.5)}}) {
    auto plan = readTrainingPlan(deepNet(1, "he_normal", c.optimizer, c.rate));
    ASSERT_TRUE(plan);
    Reach reach = measureReach(*plan, {c.gradient}).front();
    EXPECT_NEAR(reach.steady, c.steady, 0.1 * c.steady) << c.optimizer.str();
    EXPECT_LT(reach.typical, 0.7 * reach.steady) << c.optimizer.str();
    EXPECT_GT(reach.typical, 0.02 * reach.steady) << c.optimizer.str();
  }
}

TEST_F(Learnability, NamesTheCause) {
  EXPECT_EQ(codes(deepNet(4, "he_normal", "adam", 0.001)), Codes());
  EXPECT_EQ(codes(deepNet(4, "pytorch_default", "adam", 0.001)), Codes());
  EXPECT_EQ(codes(deepNet(16, "he_normal", "adam", 0.001)), Codes());
  EXPECT_EQ(codes(deepNet(16, "pytorch_default", "adam", 0.001)), Codes({"W103"}));
  EXPECT_EQ(codes(deepNet(16, "pytorch_default", "adadelta", 0.001)),
            Codes({"W100", "W103", "W101"}));
  EXPECT_EQ(codes(deepNet(4, "he_normal", "adadelta", 0.001)), Codes({"W101"}));
  EXPECT_EQ(codes(deepNet(4, "he_normal", "adadelta", 1.0)), Codes());
  EXPECT_EQ(codes(deepNet(4, "he_normal", "adam", 0.1)), Codes({"W102"}));
  EXPECT_EQ(codes(deepNet(4, "ones", "adam", 0.001)), Codes({"W103"}));
}

} // namespace
