//===- StripsTest.cpp - inverted residuals that are computed strip by strip ------------------===//

#include "Harness.h"

#include <array>
#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;
using Shape = std::vector<int64_t>;

namespace {

std::string list(std::initializer_list<int64_t> values) {
  std::string text;
  for (const int64_t value : values)
    text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "array<i64: " + text + ">";
}

/// A block: `inputs` channels, widened to `channels` (as many: no expansion), `filters` at the end.
struct Block {
  int64_t batch, height, width, inputs, channels, filters;
  std::array<int64_t, 2> kernel, stride, dilation;
  std::array<int64_t, 4> padding; // top, bottom, left, right
  int64_t strips;
  bool expands = true, adds = false;

  int64_t outputs(size_t axis) const {
    const int64_t input = axis == 0 ? height : width;
    return (input + padding[2 * axis] + padding[2 * axis + 1] -
            dilation[axis] * (kernel[axis] - 1) - 1) /
               stride[axis] +
           1;
  }
  Shape image() const { return {batch, height, width, inputs}; }
  Shape wide() const { return {batch, height, width, channels}; }
  Shape filtered() const { return {batch, outputs(0), outputs(1), channels}; }
  Shape result() const { return {batch, outputs(0), outputs(1), filters}; }

  /// Weight and bias of each convolution, and the image.
  std::vector<Shape> operands() const {
    std::vector<Shape> shapes = {image(),
                                 {kernel[0], kernel[1], channels},
                                 {channels},
                                 {1, 1, channels, filters},
                                 {filters}};
    if (expands)
      shapes.insert(shapes.end(), {{1, 1, inputs, channels}, {channels}});
    return shapes;
  }

  std::string body(const std::string &activation) const {
    const auto convolution = [](const std::string &result, const std::string &x, const Shape &from,
                                const Shape &to, const std::string &weight,
                                const std::string &bias) {
      return result + " = weir.conv2d " + x + ", " + weight + ", " + bias +
             " {kernel = array<i64: 1>, filters = " + std::to_string(to[3]) + " : i64} : (" +
             tensorType(from) + ", " + tensorType({1, 1, from[3], to[3]}) + ", " +
             tensorType({to[3]}) + ") -> " + tensorType(to) + "\n";
    };
    std::string text, input = "%a0";
    if (expands) {
      text += convolution("%e", "%a0", image(), wide(), "%a5", "%a6");
      text += "%f = weir." + activation + " %e : " + tensorType(wide()) + "\n";
      input = "%f";
    }
    text += "%d = weir.depthwise_conv2d " + input +
            ", %a1, %a2 {kernel = " + list({kernel[0], kernel[1]}) +
            ", stride = " + list({stride[0], stride[1]}) +
            ", dilation = " + list({dilation[0], dilation[1]}) +
            ", padding = " + list({padding[0], padding[1], padding[2], padding[3]}) +
            ", weir.strips = " + std::to_string(strips) + " : i64} : (" + tensorType(wide()) +
            ", " + tensorType({kernel[0], kernel[1], channels}) + ", " + tensorType({channels}) +
            ") -> " + tensorType(filtered()) + "\n";
    text += "%g = weir." + activation + " %d : " + tensorType(filtered()) + "\n";
    text += convolution("%p", "%g", filtered(), result(), "%a3", "%a4");
    if (adds)
      text += "%s = weir.add %p, %a0 : (" + tensorType(result()) + ", " + tensorType(image()) +
              ") -> " + tensorType(result()) + "\n";
    return text;
  }
};

constexpr std::array<int64_t, 2> one = {1, 1}, two = {2, 2}, three = {3, 3};
constexpr std::array<int64_t, 4> around = {1, 1, 1, 1}, none = {0, 0, 0, 0};

/// Widths that tiles do not divide, channels that are no whole vectors, several tiles of filters,
/// strips with and without overlap, batches, windows that leave the image on each side or not.
const Block blocks[] = {
    {1, 12, 12, 8, 48, 16, three, one, one, around, 2, true, false},
    {1, 12, 12, 16, 96, 16, three, one, one, around, 4, true, true},
    {2, 9, 7, 5, 30, 10, three, two, one, around, 1},
    {3, 10, 23, 3, 17, 33, three, two, one, around, 5},
    {1, 16, 19, 24, 144, 24, three, one, one, around, 2, true, true},
    {1, 14, 14, 32, 192, 64, three, two, one, {0, 1, 0, 1}, 7},
    {2, 8, 31, 16, 40, 100, {5, 5}, one, one, {2, 2, 2, 2}, 4},
    {1, 13, 11, 12, 36, 20, three, one, two, {2, 2, 2, 2}, 1},
    {1, 9, 12, 6, 20, 6, {3, 5}, {1, 2}, {2, 1}, {3, 0, 1, 4}, 2},
    {1, 8, 8, 16, 32, 8, three, one, one, none, 3},
    {1, 6, 6, 8, 16, 8, one, one, one, none, 2},
    {1, 3, 2, 4, 12, 4, three, one, one, around, 3, true, true},
    {1, 16, 16, 32, 32, 16, three, one, one, around, 2, false},
    {2, 9, 15, 19, 19, 19, three, one, one, around, 3, false, true},
    {1, 11, 9, 24, 24, 72, three, two, one, around, 2, false},
    {1, 10, 10, 16, 16, 16, three, one, one, none, 4, false},
    {4, 7, 7, 16, 96, 24, three, one, one, around, 1},
    {1, 2, 40, 8, 24, 8, {7, 7}, one, one, {5, 5, 3, 3}, 2},
    // Windows that leave the image above, below, or not at all, in one strip and in several.
    {1, 9, 12, 6, 20, 6, three, one, {2, 1}, {3, 0, 1, 1}, 1},
    {1, 9, 12, 6, 20, 6, {5, 3}, one, one, {3, 0, 1, 1}, 4},
    {1, 12, 6, 8, 16, 8, three, two, one, {1, 0, 1, 0}, 1},
    {1, 16, 6, 8, 16, 8, three, two, one, {1, 0, 1, 0}, 2},
    {2, 16, 6, 8, 16, 8, three, two, one, {1, 0, 1, 0}, 1},
    {1, 9, 6, 8, 16, 8, three, one, one, {0, 1, 0, 1}, 1},
    {1, 9, 6, 8, 16, 8, three, one, one, {0, 1, 0, 1}, 2},
    {1, 9, 6, 8, 16, 8, three, one, one, none, 1},
    {2, 8, 6, 8, 16, 8, three, one, one, none, 1},
    {1, 9, 6, 8, 16, 8, one, two, one, none, 1},
    {1, 13, 6, 8, 16, 8, {2, 2}, {3, 3}, one, none, 2},
};

void check(llvm::ArrayRef<Block> blocks, const std::string &activation) {
  constexpr double tolerance = 1e-4;
  Kernels kernels;
  for (auto [i, block] : llvm::enumerate(blocks)) {
    std::string declared;
    for (auto [operand, shape] : llvm::enumerate(block.operands()))
      declared += (operand ? ", %a" : "%a") + std::to_string(operand) + ": " + tensorType(shape);
    kernels.add(
        "block" + std::to_string(i),
        {declared, block.body(activation), block.adds ? "%s" : "%p", tensorType(block.result())});
  }
  kernels.compile();
  if (testing::Test::HasFatalFailure())
    return;
  for (auto [i, block] : llvm::enumerate(blocks)) {
    SCOPED_TRACE("block " + std::to_string(i));
    std::vector<Tensor> values;
    for (const Shape &shape : block.operands())
      values.push_back(randomTensor(shape, 1 + static_cast<unsigned>(values.size())));
    kernels.check("block" + std::to_string(i), values, tolerance, tolerance);
  }
}

} // namespace

TEST(Strips, Relu6) { check(blocks, "relu6"); }

// Its emitter has helpers that other nests compute a tile ahead.
TEST(Strips, Gelu) { check(llvm::ArrayRef(blocks).take_front(4), "gelu"); }

// Zeros around the image are no activations of zero: a sigmoid would make halves of them.
TEST(Strips, Sigmoid) { check(llvm::ArrayRef(blocks).take_front(4), "sigmoid"); }

// The loops are those that the pass and the model have chosen.
TEST(Strips, FactsNameStripsAndTiles) {
  Kernels kernels;
  const Block &block = blocks[1];
  std::string declared;
  for (auto [operand, shape] : llvm::enumerate(block.operands()))
    declared += (operand ? ", %a" : "%a") + std::to_string(operand) + ": " + tensorType(shape);
  kernels.add("block", {declared, block.body("relu"), "%s", tensorType(block.result())});
  kernels.compile("x86-64-v4");
  if (HasFatalFailure())
    return;
  const weir::LoopFacts facts = kernels.loops("block", "x86-64-v4");
  EXPECT_EQ(facts.text(), "strips 16x12x12x1 of 96");
  EXPECT_EQ(facts.chosen.taskRows, 3);
}
