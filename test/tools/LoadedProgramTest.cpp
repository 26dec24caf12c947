//===- LoadedProgramTest.cpp - compiled nets in this process, against the reference ----------===//

#include "tools/LoadedProgram.h"

#include "frontend/Frontend.h"
#include "ir/Values.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"
#include "runtime/Evaluate.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace weir;
using weir::reference::Machine;

namespace {

class LoadedProgramTest : public testing::Test {
protected:
  LoadedProgramTest() { context.loadDialect<WeirDialect, func::FuncDialect, LLVM::LLVMDialect>(); }

  void plan(ModuleOp module) {
    PassManager passes(&context);
    for (const Phase &phase : phases().drop_back())
      phase.addPasses(passes);
    ASSERT_TRUE(succeeded(passes.run(module)));
  }

  std::unique_ptr<LoadedProgram> load(ModuleOp module) {
    NetSummary summary;
    summary.net = "net";
    summary.inputShape = {6, 5, 2};
    summary.classes = 3;
    KernelOptions options;
    options.target = *findTarget("host");
    options.useCache = false;
    auto program = LoadedProgram::load(module, summary, options, /*threads=*/2);
    if (!program) {
      ADD_FAILURE() << llvm::toString(program.takeError());
      return nullptr;
    }
    return std::move(*program);
  }

  /// A net of one layer with values of its own, and a function that shows what is inside.
  static constexpr const char *text = R"(
    weir.variable @conv.weight : tensor<3x3x2x4xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<0.25> : tensor<3x3x2x4xf32>}
    weir.variable @dense.weight : tensor<4x3xf32> {init = {kind = "embedded"}, kind = "parameter", value = dense<[[1.0, 2.0, 3.0], [-1.0, 0.5, 0.25], [0.0, -2.0, 1.0], [4.0, 0.0, -1.0]]> : tensor<4x3xf32>}
    func.func @infer_b2(%x: tensor<2x6x5x2xf32>) -> tensor<2x3xf32> {
      %w = weir.read @conv.weight : tensor<3x3x2x4xf32>
      %v = weir.read @dense.weight : tensor<4x3xf32>
      %0 = weir.conv2d %x, %w {filters = 4 : i64, kernel = array<i64: 3>, use_bias = false} : (tensor<2x6x5x2xf32>, tensor<3x3x2x4xf32>) -> tensor<2x4x3x4xf32>
      %1 = weir.relu %0 : tensor<2x4x3x4xf32>
      %2 = weir.global_avg_pool2d %1 : (tensor<2x4x3x4xf32>) -> tensor<2x4xf32>
      %3 = weir.dense %2, %v {units = 3 : i64, use_bias = false} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
      return %3 : tensor<2x3xf32>
    }
    func.func @observe_b2(%x: tensor<2x6x5x2xf32>) -> (tensor<2x4x3x4xf32>, tensor<2x4xf32>) {
      %w = weir.read @conv.weight : tensor<3x3x2x4xf32>
      %0 = weir.conv2d %x, %w {filters = 4 : i64, kernel = array<i64: 3>, use_bias = false} : (tensor<2x6x5x2xf32>, tensor<3x3x2x4xf32>) -> tensor<2x4x3x4xf32>
      %1 = weir.relu %0 : tensor<2x4x3x4xf32>
      %2 = weir.global_avg_pool2d %1 : (tensor<2x4x3x4xf32>) -> tensor<2x4xf32>
      return %1, %2 : tensor<2x4x3x4xf32>, tensor<2x4xf32>
    })";

  MLIRContext context{MLIRContext::Threading::DISABLED};
};

TEST_F(LoadedProgramTest, EveryFunctionComputesWhatTheReferenceDoes) {
  auto module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  OwningOpRef<ModuleOp> original = module->clone();
  plan(*module);
  std::unique_ptr<LoadedProgram> program = load(*module);
  ASSERT_TRUE(program);

  std::mt19937_64 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> images(2 * 6 * 5 * 2);
  for (float &value : images)
    value = normal(random);
  reference::Tensor input(ArrayRef<int64_t>{2, 6, 5, 2});
  llvm::copy(images, input.values.begin());
  Machine machine;
  machine.declareVariables(*original);
  for (auto function : original->getOps<func::FuncOp>()) {
    SCOPED_TRACE(function.getSymName().str());
    auto expected = machine.run(function, {input});
    ASSERT_TRUE(succeeded(expected));
    const auto results = program->run(function.getSymName(), {images.data()});
    ASSERT_EQ(results.size(), expected->size());
    for (auto [result, tensor] : llvm::zip_equal(results, *expected)) {
      EXPECT_EQ(result.type, "F32");
      EXPECT_EQ(ArrayRef<int64_t>(result.shape), ArrayRef<int64_t>(tensor.shape));
      for (auto [value, wanted] : llvm::zip_equal(result.values<float>(), tensor.values))
        ASSERT_NEAR(value, wanted, 1e-5);
    }
  }

  // The runtime's own functions see the entry point only, and combine batches of it.
  const std::vector<float> logits = inferAll(program->net(), 1, [&](uint64_t, float *values) {
    std::copy_n(images.data(), 6 * 5 * 2, values);
  });
  const auto both = program->run("infer_b2", {images.data()});
  ASSERT_EQ(logits.size(), 3u);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(logits[i], both[0].values<float>()[i]);
}

TEST_F(LoadedProgramTest, TwoProgramsWithKernelsOfOneNameLiveSideBySide) {
  auto first = parseSourceString<ModuleOp>(text, &context);
  auto second = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(first && second);
  plan(*first);
  plan(*second);
  second->walk([](VariableOp variable) {
    if (variable.getSymName() == "conv.weight")
      variable.setValueAttr(valueOfNumbers(variable.getTensorType(),
                                           std::vector<double>(3 * 3 * 2 * 4, 0.5), "other"));
  });
  std::unique_ptr<LoadedProgram> one = load(*first), two = load(*second);
  ASSERT_TRUE(one && two);
  const std::vector<float> images(2 * 6 * 5 * 2, 1.0f);
  const auto single = one->run("observe_b2", {images.data()}),
             twice = two->run("observe_b2", {images.data()});
  EXPECT_FLOAT_EQ(single[1].values<float>()[0], 4.5f);
  EXPECT_FLOAT_EQ(twice[1].values<float>()[0], 9.0f);
}

} // namespace
