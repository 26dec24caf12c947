//===- QuantizeTest.cpp - whole nets in integers, by value -----------------------------------===//
//
// Small nets with random weights are calibrated by their own float values, quantized, and run by
// the reference semantics: what 8 bits lose is a noise about 30 dB below the signal or less.
// Grouped and planned, they compute the very same.
//
//===--------------------------------------------------------------------------------------------===//

#include "../ir/Helpers.h"

#include "ir/Values.h"
#include "passes/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace weir;
using reference::Machine;
using reference::Tensor;

namespace {

constexpr int images = 24;

class Net {
public:
  explicit Net(llvm::StringRef text) : parsed(text) {
    std::mt19937_64 random(5);
    for (auto variable : module().getOps<VariableOp>()) {
      const RankedTensorType type = variable.getTensorType();
      const double terms =
          type.getRank() == 1 ? 16.0
                              : static_cast<double>(type.getNumElements() / type.getShape().back());
      Tensor values = test::randomTensor(type, random, 0, 1 / std::sqrt(terms));
      variable.setValueAttr(valueOfNumbers(type, values.values, variable.getSymName()));
    }
    for (int i = 0; i < images; ++i)
      inputs.push_back(test::randomTensor(infer().getArgumentTypes()[0], random, 0, 1));
  }

  ModuleOp module() { return *parsed.module; }
  func::FuncOp infer() { return parsed.function("infer_b1"); }

  /// Results for all inputs; leaves ranges and channels' means beside the values.
  std::vector<double> run(bool observe = false) {
    Machine machine;
    machine.declareVariables(module());
    std::vector<double> results;
    llvm::DenseMap<Operation *, std::vector<Tensor>> seen;
    for (const Tensor &input : inputs) {
      auto result = machine.run(infer(), {input}, [&](Operation *op, ArrayRef<Tensor> values) {
        if (!values.empty() && isa<ReferenceOpInterface>(op) && !isa<ViewOp>(op))
          seen[op].push_back(values[0]);
      });
      EXPECT_TRUE(succeeded(result));
      llvm::append_range(results, (*result)[0].values);
    }
    if (!observe)
      return results;
    Builder builder(module().getContext());
    for (auto &[op, tensors] : seen) {
      auto [range, means] = statistics(builder, tensors);
      op->setAttr("weir.range", range);
      op->setAttr("weir.channel_means", means);
    }
    auto [range, means] = statistics(builder, inputs);
    infer().setArgAttr(0, "weir.range", range);
    infer().setArgAttr(0, "weir.channel_means", means);
    return results;
  }

  void apply(llvm::StringRef pipeline) {
    [[maybe_unused]] static const bool registered = (registerWeirPasses(), true);
    PassManager passes(module().getContext());
    std::string message;
    llvm::raw_string_ostream stream(message);
    ASSERT_TRUE(succeeded(parsePassPipeline(pipeline, passes, stream))) << message;
    ASSERT_TRUE(succeeded(passes.run(module())));
  }

private:
  static std::pair<Attribute, Attribute> statistics(Builder &builder, ArrayRef<Tensor> tensors) {
    double low = tensors[0][0], high = low;
    std::vector<double> means(tensors[0].columns());
    for (const Tensor &tensor : tensors)
      for (auto [i, value] : llvm::enumerate(tensor.values)) {
        low = std::min(low, value);
        high = std::max(high, value);
        means[i % means.size()] +=
            value / static_cast<double>(tensor.rows() * static_cast<int64_t>(tensors.size()));
      }
    return {builder.getDenseF64ArrayAttr({low, high}), builder.getDenseF64ArrayAttr(means)};
  }

  test::Module parsed;
  std::vector<Tensor> inputs;
};

double signalToNoise(ArrayRef<double> signal, ArrayRef<double> noisy) {
  double power = 0, noise = 0;
  for (auto [s, n] : llvm::zip_equal(signal, noisy)) {
    power += s * s;
    noise += (s - n) * (s - n);
  }
  return 10 * std::log10(power / noise);
}

std::string variable(const std::string &name, const std::string &shape) {
  return "weir.variable @" + name + " : tensor<" + shape +
         "xf32> {init = {kind = \"zeros\"}, kind = \"parameter\"}\n";
}

/// Everything that has an integer form: a strided convolution, two branches and their concat, a
/// depthwise convolution, a residual, both kinds of pool.
std::string convolutionalNet() {
  return variable("a.weight", "3x3x2x8") + variable("a.bias", "8") +
         variable("b.weight", "1x1x8x8") + variable("b.bias", "8") +
         variable("c.weight", "3x3x8x8") + variable("c.bias", "8") +
         variable("d.weight", "3x3x16") + variable("d.bias", "16") +
         variable("e.weight", "1x1x16x16") + variable("e.bias", "16") +
         variable("f.weight", "16x10") + variable("f.bias", "10") + R"mlir(
func.func @infer_b1(%x: tensor<1x12x12x2xf32>) -> tensor<1x10xf32> {
  %aw = weir.read @a.weight : tensor<3x3x2x8xf32>
  %ab = weir.read @a.bias : tensor<8xf32>
  %bw = weir.read @b.weight : tensor<1x1x8x8xf32>
  %bb = weir.read @b.bias : tensor<8xf32>
  %cw = weir.read @c.weight : tensor<3x3x8x8xf32>
  %cb = weir.read @c.bias : tensor<8xf32>
  %dw = weir.read @d.weight : tensor<3x3x16xf32>
  %db = weir.read @d.bias : tensor<16xf32>
  %ew = weir.read @e.weight : tensor<1x1x16x16xf32>
  %eb = weir.read @e.bias : tensor<16xf32>
  %fw = weir.read @f.weight : tensor<16x10xf32>
  %fb = weir.read @f.bias : tensor<10xf32>
  %a = weir.conv2d %x, %aw, %ab {filters = 8 : i64, kernel = array<i64: 3>, padding = array<i64: 1>} : (tensor<1x12x12x2xf32>, tensor<3x3x2x8xf32>, tensor<8xf32>) -> tensor<1x12x12x8xf32>
  %ar = weir.relu %a : tensor<1x12x12x8xf32>
  %p, %i = weir.max_pool2d %ar {kernel = array<i64: 2>} : (tensor<1x12x12x8xf32>) -> (tensor<1x6x6x8xf32>, tensor<1x6x6x8xi32>)
  %b = weir.conv2d %p, %bw, %bb {filters = 8 : i64, kernel = array<i64: 1>} : (tensor<1x6x6x8xf32>, tensor<1x1x8x8xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %c = weir.conv2d %p, %cw, %cb {filters = 8 : i64, kernel = array<i64: 3>, padding = array<i64: 1>} : (tensor<1x6x6x8xf32>, tensor<3x3x8x8xf32>, tensor<8xf32>) -> tensor<1x6x6x8xf32>
  %cr = weir.relu6 %c : tensor<1x6x6x8xf32>
  %j = weir.concat %b, %cr : (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) -> tensor<1x6x6x16xf32>
  %d = weir.depthwise_conv2d %j, %dw, %db {kernel = array<i64: 3>, padding = array<i64: 1>} : (tensor<1x6x6x16xf32>, tensor<3x3x16xf32>, tensor<16xf32>) -> tensor<1x6x6x16xf32>
  %dr = weir.relu %d : tensor<1x6x6x16xf32>
  %e = weir.conv2d %dr, %ew, %eb {filters = 16 : i64, kernel = array<i64: 1>} : (tensor<1x6x6x16xf32>, tensor<1x1x16x16xf32>, tensor<16xf32>) -> tensor<1x6x6x16xf32>
  %s = weir.add %j, %e : (tensor<1x6x6x16xf32>, tensor<1x6x6x16xf32>) -> tensor<1x6x6x16xf32>
  %sr = weir.relu %s : tensor<1x6x6x16xf32>
  %g = weir.global_avg_pool2d %sr : (tensor<1x6x6x16xf32>) -> tensor<1x16xf32>
  %f = weir.dense %g, %fw, %fb {units = 10 : i64} : (tensor<1x16xf32>, tensor<16x10xf32>, tensor<10xf32>) -> tensor<1x10xf32>
  return %f : tensor<1x10xf32>
}
)mlir";
}

std::string perceptron() {
  return variable("a.weight", "40x24") + variable("a.bias", "24") + variable("b.weight", "24x16") +
         variable("b.bias", "16") + variable("c.weight", "16x10") + R"mlir(
func.func @infer_b1(%x: tensor<1x5x8x1xf32>) -> tensor<1x10xf32> {
  %aw = weir.read @a.weight : tensor<40x24xf32>
  %ab = weir.read @a.bias : tensor<24xf32>
  %bw = weir.read @b.weight : tensor<24x16xf32>
  %bb = weir.read @b.bias : tensor<16xf32>
  %cw = weir.read @c.weight : tensor<16x10xf32>
  %v = weir.view %x : tensor<1x5x8x1xf32> -> tensor<1x40xf32>
  %a = weir.dense %v, %aw, %ab {units = 24 : i64} : (tensor<1x40xf32>, tensor<40x24xf32>, tensor<24xf32>) -> tensor<1x24xf32>
  %ar = weir.gelu %a : tensor<1x24xf32>
  %b = weir.dense %ar, %bw, %bb {units = 16 : i64} : (tensor<1x24xf32>, tensor<24x16xf32>, tensor<16xf32>) -> tensor<1x16xf32>
  %br = weir.relu %b : tensor<1x16xf32>
  %c = weir.dense %br, %cw {units = 10 : i64, use_bias = false} : (tensor<1x16xf32>, tensor<16x10xf32>) -> tensor<1x10xf32>
  return %c : tensor<1x10xf32>
}
)mlir";
}

void checkNet(const std::string &text, double decibels) {
  for (const char *passes :
       {"quantize", "correct-bias,quantize", "equalize-layers,quantize{per-tensor=true}"}) {
    SCOPED_TRACE(passes);
    Net net(text);
    ASSERT_TRUE(net.module());
    const std::vector<double> real = net.run(/*observe=*/true);
    const bool equalizes = llvm::StringRef(passes).starts_with("equalize");
    if (equalizes) { // the values between layers are others now
      net.apply("equalize-layers");
      const std::vector<double> same = net.run(/*observe=*/true);
      EXPECT_GT(signalToNoise(real, same), 120);
    }
    net.apply(passes);
    const std::vector<double> integers = net.run();
    const double ratio = signalToNoise(real, integers);
    EXPECT_GT(ratio, decibels);
    ::testing::Test::RecordProperty(passes, std::to_string(ratio));
    net.apply("lower-convolutions,sink-views,form-groups,plan-memory");
    EXPECT_EQ(net.run(), integers);
  }
}

TEST(Quantize, ConvolutionalNet) { checkNet(convolutionalNet(), 30); }
TEST(Quantize, Perceptron) { checkNet(perceptron(), 30); }

} // namespace
