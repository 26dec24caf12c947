//===- CheckPassesTest.cpp - broken passes are found out, named and cut down -----------------===//

#include "passes/PassBounds.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"
#include "tools/check/CheckReport.h"
#include "tools/check/Difference.h"
#include "tools/check/ReduceIr.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <gtest/gtest.h>
#include <regex>

using namespace mlir;
using namespace weir;
using weir::reference::Tensor;

namespace {

/// Forgets that relu6 has an upper bound: only large inputs tell.
struct ForgetSix : PassWrapper<ForgetSix, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ForgetSix)
  StringRef getArgument() const final { return "test-forget-six"; }
  void runOnOperation() override {
    getOperation().walk([](Relu6Op op) {
      OpBuilder builder(op);
      op.replaceAllUsesWith(ReluOp::create(builder, op.getLoc(), op.getX()).getResult());
      op.erase();
    });
  }
};

/// Makes subtractions of what a `tanh` gave, but only before an `add`, the wrong way round.
struct SwapOperands : PassWrapper<SwapOperands, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SwapOperands)
  StringRef getArgument() const final { return "test-swap-operands"; }
  void runOnOperation() override {
    getOperation().walk([](SubOp op) {
      const bool feedsAdd =
          llvm::any_of(op->getUsers(), [](Operation *user) { return isa<AddOp>(user); });
      Value a = op.getA(), b = op.getB();
      if (feedsAdd && a.getDefiningOp<TanhOp>())
        op->setOperands({b, a});
    });
  }
};

/// Puts every value of the arena at its beginning.
struct OverlapArena : PassWrapper<OverlapArena, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OverlapArena)
  StringRef getArgument() const final { return "test-overlap-arena"; }
  static ArrayAttr atBeginning(ArrayAttr places) {
    SmallVector<Attribute> changed;
    for (auto place : places.getAsRange<StorageAttr>())
      changed.push_back(
          place.getSpace() == "arena" ? StorageAttr::get(places.getContext(), "arena", 0) : place);
    return ArrayAttr::get(places.getContext(), changed);
  }
  void runOnOperation() override {
    getOperation().walk([](KernelOp kernel) {
      kernel.setInputStorageAttr(atBeginning(*kernel.getInputStorage()));
      kernel.setOutputStorageAttr(atBeginning(*kernel.getOutputStorage()));
    });
  }
};

/// Leaves IR that its rules forbid.
struct BreakRules : PassWrapper<BreakRules, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BreakRules)
  StringRef getArgument() const final { return "test-break-rules"; }
  void runOnOperation() override {
    getOperation().walk([](GeluOp op) { op.setApproximation("sometimes"); });
  }
};

class CheckPasses : public testing::Test {
protected:
  CheckPasses() {
    [[maybe_unused]] static const bool once = [] {
      registerWeirPasses();
      PassRegistration<ForgetSix>();
      PassRegistration<SwapOperands>();
      PassRegistration<OverlapArena>();
      PassRegistration<BreakRules>();
      return true;
    }();
    context.loadDialect<WeirDialect, func::FuncDialect>();
  }

  static constexpr const char *text = R"(
    weir.variable @d.weight : tensor<6x5xf32> {init = {kind = "he_normal", fan_in = 6 : i64}, kind = "parameter"}
    weir.variable @e.weight : tensor<5x5xf32> {init = {kind = "he_normal", fan_in = 5 : i64}, kind = "parameter"}
    func.func @two_at_once(%x: tensor<2x6xf32>, %y: tensor<2x5xf32>) -> tensor<2x5xf32> {
      %w = weir.read @d.weight : tensor<6x5xf32>
      %v = weir.read @e.weight : tensor<5x5xf32>
      %0 = weir.dense %x, %w {units = 5 : i64, use_bias = false} : (tensor<2x6xf32>, tensor<6x5xf32>) -> tensor<2x5xf32>
      %1 = weir.dense %y, %v {units = 5 : i64, use_bias = false} : (tensor<2x5xf32>, tensor<5x5xf32>) -> tensor<2x5xf32>
      %2 = weir.dense %0, %v {units = 5 : i64, use_bias = false} : (tensor<2x5xf32>, tensor<5x5xf32>) -> tensor<2x5xf32>
      %3 = weir.dense %1, %v {units = 5 : i64, use_bias = false} : (tensor<2x5xf32>, tensor<5x5xf32>) -> tensor<2x5xf32>
      %4 = weir.mul %2, %3 : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
      return %4 : tensor<2x5xf32>
    }
    func.func @infer_b2(%x: tensor<2x6xf32>) -> (tensor<2x5xf32>, tensor<2x5xf32>) {
      %w = weir.read @d.weight : tensor<6x5xf32>
      %0 = weir.dense %x, %w {units = 5 : i64, use_bias = false} : (tensor<2x6xf32>, tensor<6x5xf32>) -> tensor<2x5xf32>
      %1 = weir.relu6 %0 : tensor<2x5xf32>
      %2 = weir.tanh %1 : tensor<2x5xf32>
      %3 = weir.sub %2, %0 : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
      %4 = weir.gelu %3 : tensor<2x5xf32>
      %5 = weir.add %3, %4 : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
      %6 = weir.softmax %5 : tensor<2x5xf32>
      return %6, %1 : tensor<2x5xf32>, tensor<2x5xf32>
    })";

  /// Runs `pipeline` on the net above under a check.
  void run(StringRef pipeline) {
    ScopedDiagnosticHandler swallow(&context, [](Diagnostic &) { return success(); });
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module);
    PassManager passes(&context);
    ASSERT_TRUE(succeeded(parsePassPipeline(pipeline, passes)));
    check.watch(passes);
    (void)passes.run(*module);
  }

  size_t opsLeft() {
    size_t count = 0;
    for (auto function : check.failure->before->getOps<func::FuncOp>())
      count += llvm::range_size(function.getBody().front().without_terminator());
    return count;
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  OwningOpRef<ModuleOp> module;
  PassCheck check{/*seconds=*/600};
};

TEST_F(CheckPasses, GoodPassesKeepTheirBounds) {
  run("simplify,sink-views,form-groups,plan-memory");
  EXPECT_FALSE(check.failure) << check.failure->message;
  EXPECT_EQ(check.passes().size(), 4u);
  EXPECT_EQ(check.passes()[1].state, CheckedPass::State::Unchanged);
  EXPECT_EQ(check.passes()[3].state, CheckedPass::State::Within);
  EXPECT_EQ(verdict(check), "");
}

TEST_F(CheckPasses, TheBrokenPassIsNamedAndItsIrCutDown) {
  run("simplify,test-swap-operands,form-groups");
  ASSERT_TRUE(check.failure);
  EXPECT_EQ(check.failure->pass, "test-swap-operands");
  EXPECT_EQ(check.failure->pipeline, "test-swap-operands");
  EXPECT_EQ(check.passes()[0].state, CheckedPass::State::Unchanged);
  EXPECT_EQ(check.passes()[1].state, CheckedPass::State::Broken);
  EXPECT_EQ(check.passes()[2].state, CheckedPass::State::Within); // held to what it was given
  reduceFailure(*check.failure, 60);
  EXPECT_EQ(opsLeft(), 3u); // tanh, sub, add
  EXPECT_TRUE(check.failure->before->getOps<VariableOp>().empty());
  EXPECT_NE(check.failure->message.find("result 0 of 'infer_b2'"), std::string::npos)
      << check.failure->message;
}

TEST_F(CheckPasses, EdgesFindWhatRandomNumbersMiss) {
  run("test-forget-six");
  ASSERT_TRUE(check.failure);
  EXPECT_NE(check.failure->message.find("on large inputs"), std::string::npos)
      << check.failure->message;
  reduceFailure(*check.failure, 60);
  EXPECT_EQ(opsLeft(), 1u);
}

TEST_F(CheckPasses, PlansAreRunOnTheirBytes) {
  run("form-groups,plan-memory,test-overlap-arena");
  ASSERT_TRUE(check.failure);
  EXPECT_EQ(check.failure->pass, "test-overlap-arena");
  EXPECT_NE(check.failure->message.find("'two_at_once'"), std::string::npos)
      << check.failure->message;
}

TEST_F(CheckPasses, PassesThatBreakTheRulesAreNamed) {
  run("test-break-rules");
  ASSERT_TRUE(check.failure);
  EXPECT_EQ(check.failure->pass, "test-break-rules");
  reduceFailure(*check.failure, 60);
  EXPECT_EQ(opsLeft(), 1u);
}

TEST_F(CheckPasses, TheReproducerStillShowsIt) {
  run("test-forget-six");
  ASSERT_TRUE(check.failure);
  reduceFailure(*check.failure, 60);
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("weir-check", "mlir", path));
  auto command = writeReproducer(*check.failure, path.str().str());
  ASSERT_TRUE(bool(command));
  EXPECT_EQ(*command,
            "weir opt " + path.str().str() + " --pass-pipeline='test-forget-six' --check-passes");
  auto again = parseSourceFile<ModuleOp>(path, &context);
  ASSERT_TRUE(again);
  EXPECT_NE(whatFails(*again, "test-forget-six"), "");
  EXPECT_EQ(whatFails(*again, "simplify"), "");
  llvm::sys::fs::remove(path);
}

/// The table and Passes.td list the same passes.
TEST(PassBounds, EveryPassDeclaresOne) {
  auto td = llvm::MemoryBuffer::getFile(WEIR_SOURCE_DIR "/passes/Passes.td");
  ASSERT_TRUE(bool(td));
  const std::string source = (*td)->getBuffer().str();
  const std::regex definition("def \\w+ : Pass<\"([a-z0-9-]+)\"");
  std::set<std::string> defined, declared;
  for (std::sregex_iterator match(source.begin(), source.end(), definition), end; match != end;
       ++match)
    defined.insert((*match)[1]);
  for (const PassBound &bound : passBounds())
    EXPECT_TRUE(declared.insert(bound.pass.str()).second) << bound.pass.str();
  EXPECT_EQ(defined, declared);
}

TEST(Difference, IsMeasuredAtTheLargestNumber) {
  EXPECT_EQ(ulpAt(1), 0x1p-23);
  EXPECT_EQ(ulpAt(1.99), 0x1p-23);
  EXPECT_EQ(ulpAt(2), 0x1p-22);
  EXPECT_EQ(ulpAt(0), 0x1p-149);
  Tensor a(ArrayRef<int64_t>{3}), b = a;
  a.values = {4, 1e-9, -INFINITY};
  b.values = {4, 2e-9, -INFINITY};
  EXPECT_DOUBLE_EQ(ulpsBetween(a, b), 1e-9 / 0x1p-21);
  b.values[2] = INFINITY;
  EXPECT_EQ(ulpsBetween(a, b), INFINITY);
  a.values = {1e-20, 0, 0};
  b.values = {2e-20, 0, 0};
  EXPECT_DOUBLE_EQ(ulpsBetween(a, b), 1e-20 / ulpAt(1e-6));
  EXPECT_DOUBLE_EQ(ulpsBetween(a, b, 1), 1e-20 / 0x1p-23);
}

} // namespace
