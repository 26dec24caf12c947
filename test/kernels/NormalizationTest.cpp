//===- NormalizationTest.cpp - batch norm in the kernels around it ---------------------------===//
//
// In a training step: in the copy of an image that windows read, and behind the gradients of what
// reads it, made again for a mask.
//
//===-----------------------------------------------------------------------------------------===//

#include "Harness.h"

#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;
using Shape = std::vector<int64_t>;

namespace {

/// An image of `batch` x `size` x `size` x `channels` and windows of 3 x 3 with a border of
/// `border`.
struct Case {
  int64_t batch, size, channels, stride, border, multiplier = 1;

  int64_t outputs() const { return (size + 2 * border - 3) / stride + 1; }
  Shape image() const { return {batch, size, size, channels}; }
  Shape output() const { return {batch, outputs(), outputs(), channels * multiplier}; }
  Shape weight() const { return {3, 3, channels * multiplier}; }
  std::string attributes() const {
    return "stride = array<i64: " + std::to_string(stride) +
           ">, padding = array<i64: " + std::to_string(border) + ">";
  }
};

/// Less than a vector of channels, one and a bit, several; images that are copied column by column,
/// and whole; no border, and with a multiplier; enough for several cores.
const Case cases[] = {{2, 7, 3, 1, 1},   {1, 9, 20, 2, 1},  {3, 6, 32, 1, 1},
                      {1, 40, 16, 1, 1}, {2, 8, 24, 1, 0},  {2, 5, 8, 2, 1, 2},
                      {4, 14, 96, 1, 1}, {3, 36, 24, 1, 1}, {2, 35, 40, 2, 1}};

std::string channelsText(int64_t channels) {
  const std::string type = tensorType({channels});
  return ", %s: " + type + ", %o: " + type + ", %m: " + type + ", %v: " + type;
}

/// `%n`, the batch norm of `%x`.
std::string normText(const Shape &image) {
  const std::string x = tensorType(image), c = tensorType({image.back()});
  return "%n = weir.batch_norm %x, %s, %o, %m, %v : (" + x + ", " + c + ", " + c + ", " + c + ", " +
         c + ") -> " + x + "\n";
}

std::vector<Tensor> channelValues(int64_t channels) {
  return {randomTensor({channels}, 11, 0.5, 3), randomTensor({channels}, 12, -1, 4),
          randomTensor({channels}, 13), randomTensor({channels}, 14, 0.2, 2)};
}

std::string nameOf(const std::string &what, size_t i) { return what + std::to_string(i); }

} // namespace

TEST(Normalization, InTheCopyOfAnImage) {
  Kernels kernels;
  for (auto [i, c] : llvm::enumerate(cases)) {
    const std::string x = tensorType(c.image()), w = tensorType(c.weight()),
                      y = tensorType(c.output());
    const std::string before = normText(c.image()) + "%a = weir.relu6 %n : " + x + "\n";
    kernels.add(nameOf("forward", i),
                {"%x: " + x + channelsText(c.channels) + ", %w: " + w,
                 before +
                     "%y = weir.depthwise_conv2d %a, %w {kernel = array<i64: 3>, multiplier = " +
                     std::to_string(c.multiplier) + " : i64, use_bias = false, " + c.attributes() +
                     "} : (" + x + ", " + w + ") -> " + y + "\n",
                 "%y", y});
    kernels.add(nameOf("weight", i),
                {"%x: " + x + channelsText(c.channels) + ", %dy: " + y + ", %w: " + w +
                     ", %rate: tensor<f32>, %old: " + w,
                 before + "%dw = weir.depthwise_weight_grad %a, %dy {" + c.attributes() + "} : (" +
                     x + ", " + y + ") -> " + w + "\n%new:2 = weir.sgd %w, %dw, %rate, %old : (" +
                     w + ", " + w + ", tensor<f32>, " + w + ") -> (" + w + ", " + w + ")\n",
                 "%new#0, %new#1", w + ", " + w});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, c] : llvm::enumerate(cases)) {
    SCOPED_TRACE(i);
    std::vector<Tensor> forward = channelValues(c.channels), weight = forward;
    forward.insert(forward.begin(), randomTensor(c.image(), 1, 3));
    weight.insert(weight.begin(), forward.front());
    forward.push_back(randomTensor(c.weight(), 2));
    kernels.check(nameOf("forward", i), forward, 2e-5, 1e-5);
    Tensor rate(llvm::ArrayRef<int64_t>{});
    rate.values = {0.1};
    for (Tensor &more :
         std::vector<Tensor>{randomTensor(c.output(), 3), randomTensor(c.weight(), 4), rate,
                             randomTensor(c.weight(), 5)})
      weight.push_back(std::move(more));
    kernels.check(nameOf("weight", i), weight, 2e-4, 1e-4);
  }
}

TEST(Normalization, MadeAgainForAMask) {
  Kernels kernels;
  const auto mask = [](const std::string &x) {
    return "%g = weir.relu6_grad %n, %dx : " + x + "\n";
  };
  const Shape products[] = {{9, 5, 20}, {98, 24, 144}, {64, 100, 33}}; // rows, terms, columns
  for (auto [i, c] : llvm::enumerate(cases)) {
    const std::string x = tensorType(c.image()), w = tensorType(c.weight()),
                      y = tensorType(c.output());
    kernels.add(nameOf("windows", i),
                {"%x: " + x + channelsText(c.channels) + ", %dy: " + y + ", %w: " + w,
                 "%dx = weir.depthwise_input_grad %dy, %w {" + c.attributes() + "} : (" + y + ", " +
                     w + ") -> " + x + "\n" + normText(c.image()) + mask(x),
                 "%g", x});
  }
  for (auto [i, p] : llvm::enumerate(products)) {
    const std::string x = tensorType({p[0], p[2]}), w = tensorType({p[2], p[1]}),
                      y = tensorType({p[0], p[1]});
    kernels.add(nameOf("product", i),
                {"%x: " + x + channelsText(p[2]) + ", %dy: " + y + ", %w: " + w,
                 "%dx = weir.dense_input_grad %dy, %w : (" + y + ", " + w + ") -> " + x + "\n" +
                     normText({p[0], p[2]}) + mask(x),
                 "%g", x});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  const auto check = [&](const std::string &name, const Shape &image, const Shape &gradient,
                         const Shape &weight) {
    SCOPED_TRACE(name);
    std::vector<Tensor> values = channelValues(image.back());
    values.insert(values.begin(), randomTensor(image, 1, 3));
    values.push_back(randomTensor(gradient, 2));
    values.push_back(randomTensor(weight, 3));
    kernels.check(name, values, 2e-5, 1e-5);
  };
  for (auto [i, c] : llvm::enumerate(cases))
    check(nameOf("windows", i), c.image(), c.output(), c.weight());
  for (auto [i, p] : llvm::enumerate(products))
    check(nameOf("product", i), {p[0], p[2]}, {p[0], p[1]}, {p[2], p[1]});
}
