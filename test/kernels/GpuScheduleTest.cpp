//===- GpuScheduleTest.cpp - targets and schedules of GPUs -----------------------------------===//

#include "Harness.h"
#include "kernels/Candidates.h"

#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"

#include <gtest/gtest.h>
#include <random>

using namespace weir;
using namespace weir::test;

TEST(Target, GpusStandBesideTheLevels) {
  for (const char *name : {"cuda", "cuda-sm_80", "cuda-sm_86", "opencl"}) {
    auto target = findTarget(name);
    ASSERT_TRUE(bool(target));
    EXPECT_EQ(target->name, name);
    EXPECT_TRUE(target->isGpu());
    // The code that launches kernels runs on every CPU.
    EXPECT_EQ(target->cpuFeatures.size(), 1u);
  }
  EXPECT_EQ(findTarget("cuda")->capability, 75);
  EXPECT_EQ(findTarget("cuda-sm_86")->capability, 86);
  EXPECT_FALSE(findTarget("host")->isGpu());
}

TEST(Schedule, GpuTilesAndTheirCandidatesKeepTheRules) {
  const KernelTarget target = *findTarget("cuda");
  const auto expectFit = [&](const Schedule &schedule, const LoopFacts &facts) {
    if (llvm::Error error = checkSchedule(schedule, facts, target))
      ADD_FAILURE() << llvm::toString(std::move(error));
  };
  std::mt19937 random(1);
  const auto draw = [&](int most) { return 1 + static_cast<int>(random() % most); };
  for (int i = 0; i < 50; ++i) {
    const MatrixExtents extents{draw(i % 2 ? 9 : 30'000), draw(i % 3 ? 1000 : 12), draw(5000)};
    const LoopFacts facts = matrixFacts(extents, target, LargeOperand::Both);
    SCOPED_TRACE(facts.text());
    EXPECT_EQ(transposedFacts(extents, target).chosen, facts.chosen);
    expectFit(facts.chosen, facts);
    const std::vector<Schedule> candidates = enumerateSchedules(facts, target, 1, 20);
    EXPECT_EQ(candidates.size(), 20u);
    for (const Schedule &schedule : candidates)
      expectFit(schedule, facts);
    for (const Schedule &schedule : neighbours(facts.chosen, facts, target, 1))
      expectFit(schedule, facts);
    const LoopFacts other =
        matrixFacts({draw(100), draw(100), draw(100)}, target, LargeOperand::Both);
    if (const auto carried = transferSchedule(facts.chosen, facts, other, target))
      expectFit(*carried, other);
  }
}

TEST(Schedule, FewTilesAreCutAlongTheDepth) {
  const KernelTarget target = *findTarget("cuda");
  const auto partsOf = [&](int64_t rows, int64_t columns, int64_t depth) {
    return matrixFacts({rows, columns, depth}, target, LargeOperand::Both).chosen.parts;
  };
  EXPECT_EQ(partsOf(5, 80, 16), 1);
  EXPECT_GT(partsOf(5, 80, 784), 1);
  EXPECT_GT(partsOf(64, 64, 100'000), 16);
  EXPECT_EQ(partsOf(4096, 4096, 4096), 1);
}

TEST(Schedule, GpuRulesAreNamed) {
  const KernelTarget target = *findTarget("opencl");
  const LoopFacts facts = matrixFacts({64, 64, 64}, target, LargeOperand::Both);
  const auto rule = [&](const char *text) {
    return llvm::toString(checkSchedule(*Schedule::parse(text), facts, target));
  };
  EXPECT_EQ(rule("v1n4m8k16u2x16y8"), "");
  EXPECT_EQ(rule("v1n8m8k64u2x16y16"), "schedule 'v1n8m8k64u2x16y16' does not fit 'gpu-matrix "
                                       "64x64x64': a block's sums and operands fit 48 KB of shared "
                                       "memory");
  EXPECT_NE(rule("v1n4m8k16u3x16y8"), "");
  EXPECT_NE(rule("v1n4m8k16u2x64y32"), "");
  EXPECT_NE(rule("v1n4m8k16u2x16y8s3"), "");
  EXPECT_NE(rule("v4n4m8k16u2x16y8"), "");
  const LoopFacts cpu = matrixFacts({64, 64, 64}, *findTarget("x86-64-v3"), LargeOperand::Both);
  EXPECT_NE(
      llvm::toString(checkSchedule(*Schedule::parse("v8n1m1x16y8"), cpu, *findTarget("x86-64-v3"))),
      "");
}

// A tile with few threads, one with copies that do not divide among them, parts of the depth.
TEST(Schedule, DenseByOtherTiles) {
  for (const char *text : {"v1n2m4k16u4x8y4", "v1n3m1k8u2x16y2s4"}) {
    SCOPED_TRACE(text);
    const Schedule schedule = *Schedule::parse(text);
    Kernels kernels;
    kernels.add(
        "dense",
        {"%x: tensor<9x61xf32>, %w: tensor<61x50xf32>",
         "%y = weir.dense %x, %w {units = 50 : i64} : (tensor<9x61xf32>, tensor<61x50xf32>) -> "
         "tensor<9x50xf32>\n",
         "%y", "tensor<9x50xf32>"});
    kernels.compile("opencl", &schedule);
    if (HasFatalFailure())
      return;
    kernels.check("dense", {randomTensor({9, 61}, 1), randomTensor({61, 50}, 2)}, 1e-5, 1e-5);
  }
}

TEST(Group, QuantizedValuesHaveNoKernelOnGpus) {
  mlir::MLIRContext context;
  context.loadDialect<WeirDialect, mlir::quant::QuantDialect>();
  auto module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module.getBody());
  const mlir::Location location = builder.getUnknownLoc();
  const auto quantized = mlir::quant::UniformQuantizedType::get(
      0, builder.getIntegerType(8), builder.getF32Type(), 0.1, 128, 0, 255);
  const auto type = mlir::RankedTensorType::get({3}, quantized);
  auto op =
      KernelOp::create(builder, location, type, mlir::ValueRange(), builder.getStringAttr("odd"),
                       mlir::StringAttr(), mlir::ArrayAttr(), mlir::ArrayAttr());
  mlir::Block &body = op.getBody().emplaceBlock();
  mlir::OpBuilder inside = mlir::OpBuilder::atBlockEnd(&body);
  const mlir::Value x = body.addArgument(type, location);
  auto view = ViewOp::create(inside, location, type, x);
  YieldOp::create(inside, location, view.getResult());
  std::string message;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) { message = diagnostic.str(); });
  KernelOptions options;
  options.target = *findTarget("cuda");
  options.useCache = false;
  EXPECT_TRUE(mlir::failed(compileKernels(module, options)));
  EXPECT_EQ(message,
            "kernel 'odd__cuda75' cannot be compiled: layers of 8 bits have kernels for CPUs only");
  module.erase();
}
