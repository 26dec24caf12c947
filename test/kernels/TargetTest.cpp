//===- TargetTest.cpp - targets by name, schedules by shape ----------------------------------===//

#include "ir/Dialect.h"
#include "kernels/Kernels.h"
#include "kernels/LoopFacts.h"

#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <gtest/gtest.h>

using namespace weir;

TEST(Target, LevelsAddFeatures) {
  size_t features = 0;
  for (const char *name : {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
    auto target = findTarget(name);
    ASSERT_TRUE(bool(target));
    EXPECT_EQ(target->name, name);
    EXPECT_GT(target->cpuFeatures.size(), features);
    features = target->cpuFeatures.size();
  }
  EXPECT_TRUE(llvm::is_contained(findTarget("x86-64-v4")->cpuFeatures, "avx512f"));
  EXPECT_FALSE(llvm::is_contained(findTarget("x86-64-v3")->cpuFeatures, "avx512f"));
  EXPECT_TRUE(llvm::is_contained(targetNames(), findTarget("host")->name));
}

/// Float kernels are the same with VNNI, and so are their names in the cache.
TEST(Target, IntegerLevelIsV4ToFloats) {
  const KernelTarget v4 = *findTarget("x86-64-v4");
  const KernelTarget target = *findTarget("x86-64-v4-vnni");
  EXPECT_GT(target.cpuFeatures.size(), v4.cpuFeatures.size());
  EXPECT_EQ(target.dotTerms, 4);
  EXPECT_EQ(floatTarget(target).halide, v4.halide);
  EXPECT_EQ(floatTarget(target).suffix, v4.suffix);
  EXPECT_EQ(floatTarget(*findTarget("x86-64-v3")).name, "x86-64-v3");
}

/// So are integer kernels without a product in tiles with AMX.
TEST(Target, TilesAreForProducts) {
  const KernelTarget target = *findTarget("x86-64-v4-amx"), vnni = *findTarget("x86-64-v4-vnni");
  EXPECT_TRUE(target.tiles);
  EXPECT_FALSE(vnni.tiles);
  EXPECT_TRUE(llvm::is_contained(target.cpuFeatures, "amx-int8"));
  EXPECT_EQ(target.dotTerms, vnni.dotTerms); // their weights are packed alike
  EXPECT_EQ(withoutTiles(target).halide, vnni.halide);
  EXPECT_EQ(withoutTiles(*findTarget("x86-64")).name, "x86-64");
  EXPECT_EQ(floatTarget(target).name, "x86-64-v4");
}

TEST(Target, HostIsWhatTheMachineHas) {
  EXPECT_EQ(lackingHere(*findTarget("host")), "");
  EXPECT_EQ(lackingHere(*findTarget("x86-64")), "");
}

TEST(Target, UnknownNameListsTheKnown) {
  auto target = findTarget("x86-64-v5");
  ASSERT_FALSE(bool(target));
  EXPECT_EQ(
      llvm::toString(target.takeError()),
      "unknown target 'x86-64-v5', expects one of host, x86-64, x86-64-v2, x86-64-v3, x86-64-v4, "
      "x86-64-v4-vnni, x86-64-v4-amx, cuda, cuda-sm_80, cuda-sm_86, opencl");
}

TEST(Schedule, TilesFitRegisters) {
  for (const char *name : {"x86-64", "x86-64-v3", "x86-64-v4"}) {
    const KernelTarget target = *findTarget(name);
    for (int64_t rows : {1, 2, 7, 9, 31, 32, 33, 784})
      for (int64_t columns : {1, 7, 10, 33, 60, 80, 110, 1000})
        for (int64_t depth : {1, 32, 60, 784, 787}) {
          const Schedule s =
              chooseMatrixSchedule({rows, columns, depth}, target, LargeOperand::Right);
          EXPECT_LE(s.tileRows, rows);
          EXPECT_LE(s.tileRows * s.tileVectors + std::min(s.tileRows, s.tileVectors) + 1,
                    target.vectorRegisters);
          if (s.depthBlock)
            EXPECT_EQ(depth % s.depthBlock, 0);
          EXPECT_EQ((s.depthBlock ? s.depthBlock : depth) % s.depthUnroll, 0);
          if (s.taskRows) {
            EXPECT_LT(s.taskRows, rows);
            EXPECT_EQ(s.taskRows % s.tileRows, 0);
          }
        }
  }
}

/// Rows of SqueezeNet's and MobileNetV2's images, none of which two cores have halves of in few
/// tasks.
TEST(Schedule, TasksKeepTwoCoresBusy) {
  const KernelTarget target = *findTarget("x86-64-v4");
  for (int64_t rows : {36, 169, 196, 729, 3025, 12544})
    for (int64_t columns : {48, 64, 96}) {
      const MatrixExtents extents{rows, columns, 384};
      const Schedule s = chooseMatrixSchedule(extents, target, LargeOperand::Right);
      if (!s.taskRows) {
        EXPECT_TRUE(sharesColumns(s, extents)) << rows;
        continue;
      }
      const int64_t tasks = (rows + s.taskRows - 1) / s.taskRows;
      EXPECT_LE(double(s.taskRows * ((tasks + 1) / 2)), 0.56 * double(rows))
          << s.text() << " of " << rows;
    }
}

TEST(Schedule, LargeWeightsAreSharedByColumns) {
  const KernelTarget target = *findTarget("x86-64-v4");
  const auto shares = [&](const MatrixExtents &extents) {
    const Schedule s = chooseMatrixSchedule(extents, target, LargeOperand::Right);
    return sharesColumns(s, extents);
  };
  EXPECT_TRUE(shares({1, 320, 960}));
  EXPECT_TRUE(shares({1, 1280, 320}));
  EXPECT_TRUE(shares({49, 160, 960}));
  EXPECT_FALSE(shares({1, 10, 1280}));
  EXPECT_FALSE(shares({1, 192, 48}));
  // One row's tiles fill their vectors: none is loaded for nothing.
  EXPECT_EQ(chooseMatrixSchedule({1, 320, 960}, target, LargeOperand::Right).tileVectors, 5);
}

TEST(Schedule, TilesDivideTheProductAndFitRegisters) {
  const KernelTarget target = *findTarget("x86-64-v4-amx");
  for (int64_t rows : {1, 7, 13, 49, 56, 196, 784})
    for (int64_t columns : {10, 48, 64, 320})
      for (int64_t groups : {1, 7, 16, 48, 19}) {
        const MatrixExtents extents{rows, columns, groups};
        const LoopFacts facts = dotFacts(extents, 4, target);
        SCOPED_TRACE(facts.text());
        EXPECT_EQ(facts.kind == LoopFacts::Template::Tiles, suitsTiles(extents));
        EXPECT_EQ(llvm::toString(checkSchedule(facts.chosen, facts, target)), "");
        if (!suitsTiles(extents))
          continue;
        const TileShape shape = tileShape(facts.chosen.tileRows, groups);
        EXPECT_EQ(facts.chosen.tileRows % shape.rows, 0);
        EXPECT_EQ(groups % shape.groups, 0);
        EXPECT_GE(shape.rows * shape.groups, 64);
        EXPECT_TRUE(fitsTileRegisters(facts.chosen));
      }
  EXPECT_FALSE(suitsTiles({1, 1000, 320})); // one image's classifier
  EXPECT_FALSE(suitsTiles({784, 64, 19}));  // no divisor to cut the depth by
  EXPECT_TRUE(suitsTiles({49, 320, 240}));
}

/// What has reference semantics has an emitter, on every device; but for the products that
/// lower-convolutions takes apart, and on GPUs for 8-bit nets.
TEST(Kernels, EveryOpThatComputesHasAnEmitter) {
  mlir::MLIRContext context;
  context.loadDialect<WeirDialect>();
  const llvm::StringLiteral lowered[] = {"weir.conv2d_input_grad", "weir.conv2d_weight_grad"};
  const llvm::StringLiteral onCpus[] = {"weir.conv2d", "weir.dequantize", "weir.packed_dense",
                                        "weir.quantize", "weir.requantize"};
  size_t ops = 0;
  for (const mlir::RegisteredOperationName name :
       context.getRegisteredOperationsByDialect("weir")) {
    if (!name.hasInterface<ReferenceOpInterface>()) {
      EXPECT_FALSE(hasKernel(name.getStringRef(), DeviceKind::Cpu)) << name.getStringRef().str();
      continue;
    }
    ++ops;
    for (const DeviceKind device : {DeviceKind::Cpu, DeviceKind::Cuda, DeviceKind::OpenCl})
      EXPECT_EQ(hasKernel(name.getStringRef(), device),
                !llvm::is_contained(lowered, name.getStringRef()) &&
                    (device == DeviceKind::Cpu || !llvm::is_contained(onCpus, name.getStringRef())))
          << name.getStringRef().str() << " on " << deviceName(device).str();
  }
  EXPECT_GT(ops, 80u);
}
