//===- IntegerNetTest.cpp - one 8-bit net on every instruction set: the same bytes -----------===//
//
// A net with each kind of quantized layer, from images to logits, compiled for every x86-64 level
// that this machine has (AMX is emulated where it has none) and run in this process. All must give
// what the reference gives, bit for bit, although they sum products in groups of another size.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Values.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"
#include "runtime/Device.h"
#include "test/kernels/TileEmulator.h"
#include "tools/LoadedProgram.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace weir;

namespace {

/// An inverted residual between a convolution and a classifier; scales are powers of two, so that
/// those of sums can be written down.
constexpr const char *text = R"(
!image = !quant.uniform<u8:f32, 0.03125:120>
!a = !quant.uniform<u8<3:255>:f32, 0.0625:3>
!b = !quant.uniform<u8<0:200>:f32, 0.125>
!c = !quant.uniform<u8:f32, 0.25:131>
!d = !quant.uniform<u8:f32, 0.3125:101>
!mean = !quant.uniform<u8:f32, 0.125:90>
!w = !quant.uniform<i8<-127:127>:f32, 0.0078125>
weir.variable @conv.weight : tensor<3x3x1x20x!w> {init = {kind = "embedded"}, kind = "parameter"}
weir.variable @conv.bias : tensor<20x!quant.uniform<i32:f32, 0.000244140625>> {init = {kind = "embedded"}, kind = "parameter"}
weir.variable @depth.weight : tensor<3x3x20x!w> {init = {kind = "embedded"}, kind = "parameter"}
weir.variable @point.weight : tensor<1x1x20x20x!w> {init = {kind = "embedded"}, kind = "parameter"}
weir.variable @dense.weight : tensor<40x10x!w> {init = {kind = "embedded"}, kind = "parameter"}
func.func @infer_b3(%x: tensor<3x14x13x1xf32>) -> tensor<3x10xf32> {
  %w0 = weir.read @conv.weight : tensor<3x3x1x20x!w>
  %b0 = weir.read @conv.bias : tensor<20x!quant.uniform<i32:f32, 0.000244140625>>
  %w1 = weir.read @depth.weight : tensor<3x3x20x!w>
  %w2 = weir.read @point.weight : tensor<1x1x20x20x!w>
  %w3 = weir.read @dense.weight : tensor<40x10x!w>
  %0 = weir.quantize %x : tensor<3x14x13x1xf32> -> tensor<3x14x13x1x!image>
  %1 = weir.conv2d %0, %w0, %b0 {filters = 20 : i64, kernel = array<i64: 3>, padding = array<i64: 1>} : (tensor<3x14x13x1x!image>, tensor<3x3x1x20x!w>, tensor<20x!quant.uniform<i32:f32, 0.000244140625>>) -> tensor<3x14x13x20x!quant.uniform<i32:f32, 0.000244140625>>
  %2 = weir.requantize %1 : tensor<3x14x13x20x!quant.uniform<i32:f32, 0.000244140625>> -> tensor<3x14x13x20x!a>
  %3 = weir.depthwise_conv2d %2, %w1 {kernel = array<i64: 3>, padding = array<i64: 1>, use_bias = false} : (tensor<3x14x13x20x!a>, tensor<3x3x20x!w>) -> tensor<3x14x13x20x!quant.uniform<i32:f32, 0.00048828125>>
  %4 = weir.requantize %3 : tensor<3x14x13x20x!quant.uniform<i32:f32, 0.00048828125>> -> tensor<3x14x13x20x!b>
  %5 = weir.conv2d %4, %w2 {filters = 20 : i64, kernel = array<i64: 1>, use_bias = false} : (tensor<3x14x13x20x!b>, tensor<1x1x20x20x!w>) -> tensor<3x14x13x20x!quant.uniform<i32:f32, 0.0009765625>>
  %6 = weir.requantize %5 : tensor<3x14x13x20x!quant.uniform<i32:f32, 0.0009765625>> -> tensor<3x14x13x20x!c>
  %7 = weir.add %2, %6 : (tensor<3x14x13x20x!a>, tensor<3x14x13x20x!c>) -> tensor<3x14x13x20x!d>
  %8, %i = weir.max_pool2d %7 {kernel = array<i64: 3>, stride = array<i64: 2>} : (tensor<3x14x13x20x!d>) -> (tensor<3x6x6x20x!d>, tensor<3x6x6x20xi32>)
  %9 = weir.concat %8, %8 {axis = -1 : i64} : (tensor<3x6x6x20x!d>, tensor<3x6x6x20x!d>) -> tensor<3x6x6x40x!d>
  %10 = weir.global_avg_pool2d %9 : (tensor<3x6x6x40x!d>) -> tensor<3x40x!mean>
  %11 = weir.dense %10, %w3 {units = 10 : i64, use_bias = false} : (tensor<3x40x!mean>, tensor<40x10x!w>) -> tensor<3x10x!quant.uniform<i32:f32, 0.0009765625>>
  %12 = weir.dequantize %11 : (tensor<3x10x!quant.uniform<i32:f32, 0.0009765625>>) -> tensor<3x10xf32>
  return %12 : tensor<3x10xf32>
})";

class IntegerNetTest : public testing::Test {
protected:
  IntegerNetTest() { context.loadDialect<WeirDialect, func::FuncDialect, LLVM::LLVMDialect>(); }

  /// The net with random weights.
  OwningOpRef<ModuleOp> net() {
    auto module = parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return module;
    std::mt19937 random(3);
    for (auto variable : module->getOps<VariableOp>()) {
      const bool isBias = variable.getSymName().ends_with("bias");
      std::vector<double> numbers(variable.getTensorType().getNumElements());
      for (double &number : numbers)
        number = isBias ? int(random() % 4001) - 2000 : int(random() % 255) - 127;
      variable.setValueAttr(
          valueOfNumbers(variable.getTensorType(), numbers, variable.getSymName()));
    }
    return module;
  }

  static bool isRunnable(const KernelTarget &target) {
    return target.tiles ? test::provideTiles() : lackingHere(target).empty();
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
};

TEST_F(IntegerNetTest, GivesTheReferencesBytesOnEveryTarget) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 2);
  std::vector<float> images(3 * 14 * 13);
  for (float &value : images)
    value = normal(random);
  OwningOpRef<ModuleOp> original = net();
  ASSERT_TRUE(original);
  reference::Machine machine;
  machine.declareVariables(*original);
  reference::Tensor input(ArrayRef<int64_t>{3, 14, 13, 1});
  llvm::copy(images, input.values.begin());
  auto expected = machine.run(*original->getOps<func::FuncOp>().begin(), {input});
  ASSERT_TRUE(succeeded(expected));

  NetSummary summary;
  summary.net = "net";
  summary.inputShape = {14, 13, 1};
  summary.classes = 10;
  int targets = 0;
  for (const char *name : {"x86-64", "x86-64-v3", "x86-64-v4", "x86-64-v4-vnni", "x86-64-v4-amx"}) {
    KernelOptions options;
    options.target = *findTarget(name);
    options.useCache = false;
    if (!isRunnable(options.target))
      continue;
    SCOPED_TRACE(name);
    ++targets;
    OwningOpRef<ModuleOp> module = net();
    (*module)->setAttr("weir.dot_terms",
                       Builder(&context).getI64IntegerAttr(options.target.dotTerms));
    PassManager passes(&context);
    for (const Phase &phase : phases().drop_back())
      phase.addPasses(passes);
    ASSERT_TRUE(succeeded(passes.run(*module)));
    int64_t packed = 0;
    module->walk([&](PackedDenseOp) { ++packed; });
    EXPECT_EQ(packed, 3);
    auto program = LoadedProgram::load(*module, summary, options, /*threads=*/2);
    ASSERT_TRUE(bool(program)) << llvm::toString(program.takeError());
    ASSERT_TRUE(isRunnable(options.target)); // see provideTiles
    const auto results = (*program)->run("infer_b3", {images.data()});
    for (auto [got, wanted] : llvm::zip_equal(results[0].values<float>(), (*expected)[0].values))
      ASSERT_EQ(got, wanted);
  }
  EXPECT_GT(targets, 0);
}

/// What the compiler thinks of this machine is what the program thinks.
TEST_F(IntegerNetTest, ProgramsRefuseMachinesThatLackTheirFeatures) {
  for (const char *name : {"x86-64", "x86-64-v3", "x86-64-v4", "x86-64-v4-vnni", "x86-64-v4-amx"}) {
    SCOPED_TRACE(name);
    const KernelTarget target = *findTarget(name);
    Manifest manifest;
    manifest.target = target.name;
    for (StringRef feature : target.cpuFeatures)
      manifest.cpuFeatures.push_back(feature.str());
    const std::string lacking = lackingHere(target);
    std::string refusal;
    try {
      checkCpu(manifest);
    } catch (const std::exception &error) {
      refusal = error.what();
    }
    EXPECT_EQ(lacking.empty(), refusal.empty()) << refusal;
    if (lacking.empty())
      continue;
    EXPECT_TRUE(StringRef(refusal).starts_with("this program was compiled for '" + target.name))
        << refusal;
    if (target.tiles)
      EXPECT_TRUE(StringRef(refusal).contains_insensitive("amx-tile") ||
                  StringRef(refusal).contains("AMX tiles"))
          << refusal;
  }
}

} // namespace
