//===- WindowTest.cpp - patches, depthwise convolutions, pools ------------------------------===//

#include "Harness.h"

#include <array>
#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;
using Shape = std::vector<int64_t>;

namespace {

/// Images of `batch` x `height` x `width` x `channels`, and square windows on them.
struct Geometry {
  int64_t batch, height, width, channels, kernel, stride, dilation;
  std::array<int64_t, 4> padding; // top, bottom, left, right
  bool ceilMode = false;

  Shape image() const { return {batch, height, width, channels}; }
  int64_t outputs(int64_t input, int64_t before, int64_t after) const {
    const int64_t room = input + before + after - dilation * (kernel - 1) - 1;
    int64_t outputs = room / stride + 1;
    if (ceilMode && room % stride != 0 && outputs * stride < input + before)
      ++outputs;
    return outputs;
  }
  int64_t rows() const { return outputs(height, padding[0], padding[1]); }
  int64_t columns() const { return outputs(width, padding[2], padding[3]); }
  Shape output(int64_t multiplier = 1) const {
    return {batch, rows(), columns(), channels * multiplier};
  }
  Shape patches() const { return {batch, rows(), columns(), kernel, kernel, channels}; }
  Shape weight(int64_t multiplier = 1) const { return {kernel, kernel, channels * multiplier}; }

  /// `stride`, `padding` and, where `whole`, the kernel.
  std::string attributes(bool whole, bool dilated = true, const std::string &more = "") const {
    const auto list = [](std::initializer_list<int64_t> values) {
      std::string text;
      for (const int64_t value : values)
        text += (text.empty() ? "" : ", ") + std::to_string(value);
      return "array<i64: " + text + ">";
    };
    return "{" + (whole ? "kernel = " + list({kernel}) + ", " : "") + "stride = " + list({stride}) +
           (dilated ? ", dilation = " + list({dilation}) : "") +
           ", padding = " + list({padding[0], padding[1], padding[2], padding[3]}) + more + "}";
  }
};

/// Channels of less than a vector, of one and a bit, of several; strides, dilations, asymmetric
/// borders; one image and several; one large enough to be shared among cores.
const Geometry geometries[] = {
    {2, 7, 6, 1, 3, 1, 1, {1, 1, 1, 1}},    {1, 9, 8, 3, 3, 2, 1, {1, 1, 1, 1}},
    {3, 5, 7, 10, 3, 1, 1, {0, 0, 0, 0}},   {2, 8, 8, 16, 3, 2, 1, {0, 1, 0, 1}},
    {2, 9, 9, 33, 3, 1, 2, {2, 2, 2, 2}},   {1, 6, 6, 48, 5, 1, 1, {2, 2, 2, 2}},
    {4, 14, 14, 64, 3, 1, 1, {1, 1, 1, 1}}, {1, 34, 40, 96, 3, 2, 1, {1, 0, 1, 0}},
    {2, 4, 4, 20, 1, 2, 1, {0, 0, 0, 0}},   {1, 3, 3, 32, 3, 1, 1, {1, 1, 1, 1}},
};

std::string function(const std::vector<Shape> &operands, const Shape &result) {
  std::string text;
  for (const Shape &operand : operands)
    text += (text.empty() ? "" : ", ") + tensorType(operand);
  return "(" + text + ") -> " + tensorType(result);
}

/// Adds `%y = weir.<op> %a, %b …` and remembers its operands.
class Suite {
public:
  void add(const std::string &op, const std::string &attributes, const std::vector<Shape> &operands,
           const Shape &result, double tolerance) {
    const std::string name = op + std::to_string(cases.size());
    std::string declared, names;
    for (size_t i = 0; i < operands.size(); ++i) {
      const std::string value = "%a" + std::to_string(i);
      declared += (i ? ", " : "") + value + ": " + tensorType(operands[i]);
      names += (i ? ", " : "") + value;
    }
    const std::string types = op == "fold_patches"
                                  ? tensorType(operands[0]) + " -> " + tensorType(result)
                                  : function(operands, result);
    kernels.add(name, {declared,
                       "%y = weir." + op + " " + names + " " + attributes + " : " + types + "\n",
                       "%y", tensorType(result)});
    cases.push_back({name, operands, tolerance});
  }

  void check() {
    kernels.compile();
    if (testing::Test::HasFatalFailure())
      return;
    for (const auto &[name, operands, tolerance] : cases) {
      SCOPED_TRACE(name);
      std::vector<Tensor> values;
      for (const Shape &shape : operands)
        values.push_back(randomTensor(shape, 1 + static_cast<unsigned>(values.size())));
      kernels.check(name, values, tolerance, tolerance);
    }
  }

private:
  struct Case {
    std::string name;
    std::vector<Shape> operands;
    double tolerance;
  };
  Kernels kernels;
  std::vector<Case> cases;
};

} // namespace

TEST(Window, PatchesAndTheirSum) {
  Suite suite;
  for (const Geometry &g : geometries) {
    suite.add("patches", g.attributes(true), {g.image()}, g.patches(), 0);
    suite.add("fold_patches", g.attributes(false), {g.patches()}, g.image(), 1e-5);
  }
  suite.check();
}

TEST(Window, WeightsTurnedAround) {
  Suite suite;
  for (const Shape &weight : {Shape{3, 3, 16, 64}, {3, 2, 5, 33}, {1, 5, 17, 1}, {3, 3, 1, 20}})
    suite.add("flip_weight", "", {weight}, {weight[0], weight[1], weight[3], weight[2]}, 0);
  suite.check();
}

TEST(Window, DepthwiseConvolutionAndItsGradients) {
  Suite suite;
  for (const Geometry &g : geometries)
    for (const int64_t multiplier : {1, 2}) {
      if (multiplier == 2 && g.channels > 20)
        continue;
      const std::string m = ", multiplier = " + std::to_string(multiplier) + " : i64";
      suite.add("depthwise_conv2d", g.attributes(true, true, m),
                {g.image(), g.weight(multiplier), {g.channels * multiplier}}, g.output(multiplier),
                1e-5);
      suite.add("depthwise_input_grad", g.attributes(false),
                {g.output(multiplier), g.weight(multiplier)}, g.image(), 1e-5);
      suite.add("depthwise_weight_grad", g.attributes(false), {g.image(), g.output(multiplier)},
                g.weight(multiplier), 1e-4);
    }
  suite.check();
}

TEST(Window, AveragePoolsAndTheirGradients) {
  Suite suite;
  for (Geometry g : geometries) {
    if (g.dilation != 1 || g.kernel == 1)
      continue;
    for (const bool ceil : {false, true})
      for (const bool count : {false, true}) {
        g.ceilMode = ceil;
        const std::string more =
            std::string(ceil ? ", ceil_mode = true" : ", ceil_mode = false") +
            (count ? ", count_include_pad = true" : ", count_include_pad = false");
        suite.add("avg_pool2d", g.attributes(true, false, more), {g.image()}, g.output(), 1e-5);
        suite.add("avg_pool2d_grad", g.attributes(true, false, more), {g.output()}, g.image(),
                  1e-5);
      }
    suite.add("global_avg_pool2d", "", {g.image()}, {g.batch, g.channels}, 1e-5);
  }
  suite.check();
}

TEST(Window, LargestPoolsAndWhereTheirGradientsGo) {
  Kernels kernels;
  std::vector<Geometry> all;
  for (Geometry g : geometries)
    for (const bool ceil : {false, true})
      if (g.dilation == 1 && g.kernel > 1) {
        g.ceilMode = ceil;
        all.push_back(g);
      }
  for (size_t i = 0; i < all.size(); ++i) {
    const Geometry &g = all[i];
    const std::string image = tensorType(g.image()), output = tensorType(g.output()),
                      index = tensorType(g.output(), "i32"),
                      attributes =
                          g.attributes(true, false, g.ceilMode ? ", ceil_mode = true" : "");
    // The gradient takes the index as a kernel of the training step does: from the pool.
    kernels.add("pool" + std::to_string(i), {"%x: " + image,
                                             "%y, %i = weir.max_pool2d %x " + attributes + " : (" +
                                                 image + ") -> (" + output + ", " + index + ")\n",
                                             "%y, %i", output + ", " + index});
    kernels.add("gradient" + std::to_string(i),
                {"%x: " + image + ", %dy: " + output,
                 "%y, %i = weir.max_pool2d %x " + attributes + " : (" + image + ") -> (" + output +
                     ", " + index + ")\n%dx = weir.max_pool2d_grad %dy, %i " + attributes + " : (" +
                     output + ", " + index + ") -> " + image + "\n",
                 "%dx", image});
  }
  kernels.compile();
  ASSERT_FALSE(HasFatalFailure());
  for (size_t i = 0; i < all.size(); ++i) {
    const Tensor image = randomTensor(all[i].image(), 3);
    kernels.check("pool" + std::to_string(i), {image}, 0, 0);
    kernels.check("gradient" + std::to_string(i), {image, randomTensor(all[i].output(), 4)}, 1e-5,
                  1e-5);
  }
}

TEST(Window, BatchNormForwardAndBackward) {
  Kernels kernels;
  const Shape shapes[] = {{6, 1}, {5, 10}, {33, 48}, {2, 5, 7, 3}, {4, 14, 14, 96}, {70, 33}};
  for (size_t i = 0; i < std::size(shapes); ++i) {
    const std::string x = tensorType(shapes[i]), c = tensorType({shapes[i].back()}),
                      n = std::to_string(i);
    kernels.add("norm" + n, {"%x: " + x + ", %s: " + c + ", %o: " + c + ", %m: " + c + ", %v: " + c,
                             "%y = weir.batch_norm %x, %s, %o, %m, %v : (" + x + ", " + c + ", " +
                                 c + ", " + c + ", " + c + ") -> " + x + "\n",
                             "%y", x});
    kernels.add("stats" + n,
                {"%x: " + x,
                 "%m, %v = weir.batch_stats %x : (" + x + ") -> (" + c + ", " + c + ")\n", "%m, %v",
                 c + ", " + c});
    kernels.add("sums" + n,
                {"%d: " + x + ", %x: " + x + ", %m: " + c + ", %v: " + c,
                 "%s, %o = weir.batch_norm_sums %d, %x, %m, %v {epsilon = 1.0e-5} : (" + x + ", " +
                     x + ", " + c + ", " + c + ") -> (" + c + ", " + c + ")\n",
                 "%s, %o", c + ", " + c});
    kernels.add(
        "input" + n,
        {"%d: " + x + ", %x: " + x + ", %s: " + c + ", %m: " + c + ", %v: " + c + ", %a: " + c +
             ", %b: " + c,
         "%y = weir.batch_norm_input_grad %d, %x, %s, %m, %v, %a, %b {epsilon = 1.0e-5} : (" + x +
             ", " + x + ", " + c + ", " + c + ", " + c + ", " + c + ", " + c + ") -> " + x + "\n",
         "%y", x});
  }
  kernels.compile();
  ASSERT_FALSE(HasFatalFailure());
  for (size_t i = 0; i < std::size(shapes); ++i) {
    SCOPED_TRACE(i);
    const std::string n = std::to_string(i);
    const Shape channels{shapes[i].back()};
    // A mean of three deviations.
    const Tensor x = randomTensor(shapes[i], 1, 1, 3), dy = randomTensor(shapes[i], 2),
                 scale = randomTensor(channels, 3), offset = randomTensor(channels, 4),
                 mean = randomTensor(channels, 5), variance = randomTensor(channels, 6, 0.1, 2);
    kernels.check("norm" + n, {x, scale, offset, mean, variance}, 1e-5, 1e-5);
    kernels.check("stats" + n, {x}, 1e-5, 1e-5);
    kernels.check("sums" + n, {dy, x, mean, variance}, 2e-4, 1e-4);
    kernels.check("input" + n, {dy, x, scale, mean, variance, offset, scale}, 1e-5, 1e-5);
  }
}
