//===- WholeModelTest.cpp - the published nets: gradients, and what passes keep --------------===//
//
// One training step with sgd at learning rate 1 subtracts exactly the gradient. For each weight
// tensor, the entries with the largest gradients are compared with central differences of the loss,
// both in float64 by the reference semantics.
//
//===-----------------------------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "ir/Dialect.h"
#include "passes/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace weir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace {

struct Case {
  const char *model;
  int64_t batch;
  std::vector<std::string> sets;
};

class WholeModel : public testing::TestWithParam<Case> {
protected:
  /// The model's module; without a batch norm's or minimize's passes yet.
  OwningOpRef<ModuleOp> load() {
    Diagnostics diagnostics;
    auto program = parseFile(std::string(WEIR_SOURCE_DIR "/models/") + GetParam().model + ".weir",
                             diagnostics);
    EXPECT_TRUE(program);
    CompileOptions options{GetParam().sets, {1}};
    for (const char *set : {"height=28", "width=28", "channels=1", "classes=10",
                            "optimizer=sgd(learning_rate: 1.0)", "schedule=constant"})
      options.sets.emplace_back(set);
    options.sets.push_back("batch=" + std::to_string(GetParam().batch));
    return lowerToDialect(*program, context, options, diagnostics);
  }

  LogicalResult run(ModuleOp module, std::initializer_list<StringRef> phaseNames) {
    PassManager passes(&context);
    for (const Phase &phase : phases())
      if (llvm::is_contained(phaseNames, phase.name))
        phase.addPasses(passes);
    return passes.run(module);
  }

  /// Initial weights as the initialisers have them, about; no velocity.
  static Machine machineFor(ModuleOp module) {
    Machine machine;
    for (auto variable : module.getOps<VariableOp>()) {
      Tensor tensor(variable.getType());
      std::seed_seq seed(variable.getSymName().begin(), variable.getSymName().end());
      std::mt19937_64 random(seed);
      std::normal_distribution<double> normal;
      const auto fanIn = variable.getInit().getAs<IntegerAttr>("fan_in");
      const auto kind = variable.getInit().getAs<StringAttr>("kind");
      for (double &value : tensor.values)
        if (variable.getKind() == "optimizer")
          value = 0;
        else if (fanIn)
          value = std::sqrt(2.0 / static_cast<double>(fanIn.getInt())) * normal(random);
        else
          value = (kind.getValue() == "ones" ? 1 : 0) + 0.1 * normal(random);
      if (variable.getKind() == "statistic")
        for (double &value : tensor.values)
          value = std::abs(value) + 0.5;
      machine.variables[variable.getSymName()] = std::move(tensor);
    }
    return machine;
  }

  double loss(ModuleOp module, Machine &machine) {
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    const int64_t batch = GetParam().batch;
    Tensor image(ArrayRef<int64_t>{batch, 28, 28, 1}), label(ArrayRef<int64_t>{batch}),
        counter(ArrayRef<int64_t>{3});
    for (double &value : image.values)
      value = normal(random);
    for (int64_t b = 0; b < batch; ++b)
      label[b] = static_cast<double>((b * 7 + 3) % 10);
    counter.values = {11, 5, 3};
    auto results = machine.run(module.lookupSymbol<func::FuncOp>("train_step"),
                               {image, label, Tensor::scalar(1), counter});
    EXPECT_TRUE(succeeded(results));
    return succeeded(results) ? (*results)[0][0] : 0;
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
};

TEST_P(WholeModel, GradientsAgreeWithFiniteDifferences) {
  OwningOpRef<ModuleOp> forward = load(), training = load();
  ASSERT_TRUE(forward && training);
  forward->walk([](MinimizeOp minimize) { minimize.erase(); });
  ASSERT_TRUE(succeeded(run(*training, {"ir"})));

  Machine trained = machineFor(*training), base = machineFor(*forward);
  EXPECT_NEAR(loss(*training, trained), loss(*forward, base), 1e-12);

  double largestError = 0;
  int64_t tensors = 0, moving = 0;
  for (auto variable : forward->getOps<VariableOp>()) {
    if (!variable.isTrainable())
      continue;
    SCOPED_TRACE(variable.getSymName().str());
    Tensor &weight = base.variables[variable.getSymName()];
    const Tensor &updated = trained.variables[variable.getSymName()];
    int64_t largest = 0;
    for (int64_t i = 0; i < weight.size(); ++i)
      if (std::abs(weight[i] - updated[i]) > std::abs(weight[largest] - updated[largest]))
        largest = i;
    const double kept = weight[largest], gradient = kept - updated[largest];
    const double step = 1e-6 / std::max(1.0, std::abs(gradient)); // steep losses are curved ones
    weight[largest] = kept + step;
    const double above = loss(*forward, base);
    weight[largest] = kept - step;
    const double below = loss(*forward, base);
    weight[largest] = kept;
    const double expected = (above - below) / (2 * step);
    // A rectifier that changes sides within the step costs some digits; differences of a loss near
    // 3 hold no more than nine of them.
    EXPECT_NEAR(gradient, expected, 1e-3 * std::abs(expected) + 1e-6);
    moving += std::abs(expected) > 1e-4;
    ++tensors;
    largestError =
        std::max(largestError, std::abs(gradient - expected) / (std::abs(expected) + 1e-4));
  }
  // What stands in front of another batch norm has no gradient (an offset, a bias); the rest has.
  EXPECT_GT(2 * moving, tensors);
  RecordProperty("largest_relative_error", std::to_string(largestError));
}

/// Convolutions as products, grouped and planned: the same step, but for the order of its sums.
TEST_P(WholeModel, LaterPassesKeepAllNumbers) {
  OwningOpRef<ModuleOp> module = load();
  ASSERT_TRUE(module);
  ASSERT_TRUE(succeeded(run(*module, {"ir"})));
  Machine before = machineFor(*module), after = machineFor(*module);
  const double expected = loss(*module, before);
  ASSERT_TRUE(succeeded(run(*module, {"groups", "memory"})));
  EXPECT_NEAR(loss(*module, after), expected, 1e-9);
  for (auto &variable : before.variables)
    for (auto [x, y] :
         llvm::zip_equal(variable.getValue().values, after.variables[variable.getKey()].values))
      ASSERT_NEAR(x, y, 1e-7 * (1 + std::abs(x))) << variable.getKey().str();
}

INSTANTIATE_TEST_SUITE_P(Models, WholeModel,
                         testing::Values(Case{"squeezenet", 2, {"drop=0.2"}},
                                         Case{"squeezenet", 4, {"normalize=true", "bypass=true"}},
                                         Case{"mobilenet_v2", 4, {"width_multiplier=0.35"}},
                                         Case{"resnet", 2, {}}),
                         [](const auto &info) {
                           return std::string(info.param.model) + "_" + std::to_string(info.index);
                         });

} // namespace
