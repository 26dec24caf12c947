//===- ElementwiseTest.cpp - activations, their gradients, arithmetic, dropout ---------------===//

#include "Harness.h"

#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;

namespace {

const std::vector<std::vector<int64_t>> shapes = {{1, 1},  {1, 7},  {2, 10},
                                                  {3, 33}, {9, 80}, {4, 7, 5, 3}};

std::string nameOf(const std::string &op, const std::vector<int64_t> &shape) {
  std::string name = op;
  for (int64_t extent : shape)
    name += "_" + std::to_string(extent);
  return name;
}

struct Unary {
  std::string name, op;
};
const std::vector<Unary> unaries = {{"relu", "weir.relu %x"},
                                    {"gelu", "weir.gelu %x"},
                                    {"gelu_tanh", "weir.gelu %x {approximation = \"tanh\"}"},
                                    {"tanh", "weir.tanh %x"},
                                    {"sigmoid", "weir.sigmoid %x"},
                                    {"relu6", "weir.relu6 %x"},
                                    {"leaky_relu", "weir.leaky_relu %x"},
                                    {"leaky_relu_slope", "weir.leaky_relu %x {slope = 0.3 : f64}"},
                                    {"elu", "weir.elu %x"},
                                    {"elu_alpha", "weir.elu %x {alpha = 0.5 : f64}"},
                                    {"swish", "weir.swish %x"},
                                    {"hard_swish", "weir.hard_swish %x"},
                                    {"scale", "weir.scale %x {factor = -0.3 : f64}"},
                                    {"clamp", "weir.clamp %x {limit = 0.5 : f64}"}};
const std::vector<Unary> gradients = {
    {"relu_grad", "weir.relu_grad %x, %dy"},
    {"gelu_grad", "weir.gelu_grad %x, %dy"},
    {"gelu_grad_tanh", "weir.gelu_grad %x, %dy {approximation = \"tanh\"}"},
    {"tanh_grad", "weir.tanh_grad %x, %dy"},
    {"sigmoid_grad", "weir.sigmoid_grad %x, %dy"},
    {"relu6_grad", "weir.relu6_grad %x, %dy"},
    {"leaky_relu_grad", "weir.leaky_relu_grad %x, %dy {slope = 0.3 : f64}"},
    {"elu_grad", "weir.elu_grad %x, %dy {alpha = 0.5 : f64}"},
    {"swish_grad", "weir.swish_grad %x, %dy"},
    {"hard_swish_grad", "weir.hard_swish_grad %x, %dy"}};

} // namespace

TEST(Elementwise, UnaryAgreesWithReference) {
  Kernels kernels;
  for (const Unary &unary : unaries)
    for (const auto &shape : shapes)
      kernels.add(nameOf(unary.name, shape),
                  {"%x: " + tensorType(shape),
                   "%y = " + unary.op + " : " + tensorType(shape) + "\n", "%y", tensorType(shape)});
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const Unary &unary : unaries)
    for (const auto &shape : shapes)
      for (double scale : {1.0, 4.0, 50.0})
        kernels.check(nameOf(unary.name, shape), {randomTensor(shape, 5, scale)}, 1e-6, 1e-6);
}

TEST(Elementwise, UnaryGradAgreesWithReference) {
  Kernels kernels;
  for (const Unary &gradient : gradients)
    for (const auto &shape : shapes)
      kernels.add(nameOf(gradient.name, shape),
                  {"%x: " + tensorType(shape) + ", %dy: " + tensorType(shape),
                   "%y = " + gradient.op + " : " + tensorType(shape) + "\n", "%y",
                   tensorType(shape)});
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const Unary &gradient : gradients)
    for (const auto &shape : shapes) {
      const bool ofOutput = gradient.name == "tanh_grad" || gradient.name == "sigmoid_grad";
      const double scale = ofOutput ? 1.0 : 8.0;
      kernels.check(nameOf(gradient.name, shape),
                    {randomTensor(shape, 5, scale), randomTensor(shape, 6)}, 4e-6, 2e-6);
    }
}

// The far ends, where approximations are cut off: exactly 0, x or 1.
TEST(Elementwise, ActivationsAreExactFarFromZero) {
  Kernels kernels;
  const std::vector<int64_t> shape{2, 4};
  for (const Unary &unary : unaries)
    kernels.add(unary.name,
                {"%x: " + tensorType(shape), "%y = " + unary.op + " : " + tensorType(shape) + "\n",
                 "%y", tensorType(shape)});
  kernels.compile();
  if (HasFatalFailure())
    return;
  Tensor x{llvm::ArrayRef<int64_t>(shape)};
  x.values = {-1e6, -1e3, -100, -20, 20, 100, 1e3, 1e6};
  for (const Unary &unary : unaries) {
    const bool rounds = unary.name == "hard_swish" || unary.name == "scale" ||
                        unary.name == "swish" ||
                        unary.name.starts_with("leaky_relu"); // a constant, or near x
    kernels.check(unary.name, {x}, 3e-9, rounds ? 2e-7 : 0);
  }
}

// Where a piecewise function bends, the gradient is that of one side.
TEST(Elementwise, GradientsAtBendsAreTheReferences) {
  Kernels kernels;
  for (const Unary &gradient : gradients)
    kernels.add(gradient.name,
                {"%x: tensor<5xf32>, %dy: tensor<5xf32>",
                 "%y = " + gradient.op + " : tensor<5xf32>\n", "%y", "tensor<5xf32>"});
  kernels.compile();
  if (HasFatalFailure())
    return;
  Tensor x(llvm::ArrayRef<int64_t>{5});
  x.values = {0, 6, -3, 3, -0.0};
  for (const Unary &gradient : gradients)
    kernels.check(gradient.name, {x, randomTensor({5}, 1)}, 1e-5, 1e-5);
}

// Flat, in tasks where they are large; in rows where vectors would not fill the tasks.
TEST(Elementwise, RowsDoNotMatter) {
  const std::vector<std::vector<int64_t>> all = {
      {2, 5, 7, 3}, {4, 56, 56, 10}, {5, 33, 28, 25}, {200'003, 1}, {1, 120'000}};
  Kernels kernels;
  for (const auto &shape : all) {
    const std::string type = tensorType(shape);
    kernels.add(nameOf("group", shape),
                {"%x: " + type + ", %z: " + type + ", %c: tensor<3xi32>, %f: tensor<f32>",
                 "%a = weir.add %x, %z : (" + type + ", " + type + ") -> " + type +
                     "\n%r = weir.relu6 %a : " + type +
                     "\n%d = weir.dropout %r, %c {rate = 0.5 : f64, stream = 1 : i64} : (" + type +
                     ", tensor<3xi32>) -> " + type + "\n%s = weir.scale_by %d, %f : " + type +
                     ", tensor<f32>\n",
                 "%a, %s", type + ", " + type});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  Tensor counter(llvm::ArrayRef<int64_t>{3});
  counter.values = {3, 4, 5};
  for (const auto &shape : all)
    kernels.check(
        nameOf("group", shape),
        {randomTensor(shape, 1, 5), randomTensor(shape, 2, 5), counter, Tensor::scalar(0.7)}, 1e-6,
        1e-6, {0});
}

TEST(Elementwise, BiasAndScalarsReachEveryValue) {
  const std::vector<std::vector<int64_t>> all = {{1, 1}, {3, 7}, {2, 3, 5, 33}, {7, 9, 9, 10}};
  Kernels kernels;
  for (const auto &shape : all) {
    const std::string type = tensorType(shape), bias = tensorType({shape.back()});
    kernels.add(nameOf("bias_add", shape),
                {"%x: " + type + ", %b: " + bias,
                 "%y = weir.bias_add %x, %b : (" + type + ", " + bias + ") -> " + type + "\n", "%y",
                 type});
    kernels.add(nameOf("clip", shape),
                {"%x: " + type + ", %n: tensor<f32>",
                 "%f = weir.clip_factor %n {limit = 2.0 : f64} : tensor<f32>\n"
                 "%y = weir.scale_by %x, %f : " +
                     type + ", tensor<f32>\n",
                 "%f, %y", "tensor<f32>, " + type});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const auto &shape : all) {
    kernels.check(nameOf("bias_add", shape),
                  {randomTensor(shape, 1), randomTensor({shape.back()}, 2)}, 0, 1e-7);
    for (double norm : {0.0, 3.9, 400.0})
      kernels.check(nameOf("clip", shape), {randomTensor(shape, 1), Tensor::scalar(norm)}, 0, 3e-7);
  }
}

TEST(Elementwise, BinaryBroadcasts) {
  struct Shapes {
    std::vector<int64_t> a, b, y;
  };
  const std::vector<Shapes> all = {{{3, 33}, {3, 33}, {3, 33}},
                                   {{3, 33}, {1, 33}, {3, 33}},
                                   {{3, 1}, {1, 7}, {3, 7}},
                                   {{2, 5, 1, 10}, {2, 5, 4, 10}, {2, 5, 4, 10}},
                                   {{1, 1}, {1, 1}, {1, 1}}};
  Kernels kernels;
  const auto nameAt = [](const std::string &op, size_t i) { return op + std::to_string(i); };
  for (const std::string op : {"add", "sub", "mul", "div"})
    for (auto [i, s] : llvm::enumerate(all))
      kernels.add(nameAt(op, i), {"%a: " + tensorType(s.a) + ", %b: " + tensorType(s.b),
                                  "%y = weir." + op + " %a, %b : (" + tensorType(s.a) + ", " +
                                      tensorType(s.b) + ") -> " + tensorType(s.y) + "\n",
                                  "%y", tensorType(s.y)});
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const std::string op : {"add", "sub", "mul", "div"})
    for (auto [i, s] : llvm::enumerate(all))
      kernels.check(nameAt(op, i), {randomTensor(s.a, 1), randomTensor(s.b, 2, 0.5, 2)}, 0, 2e-7);
}

TEST(Elementwise, DropoutMasksAreTheReferences) {
  Kernels kernels;
  for (const auto &shape : shapes)
    for (const std::string stream : {"0", "3"}) {
      const std::string type = tensorType(shape);
      kernels.add(nameOf("dropout" + stream, shape),
                  {"%x: " + type + ", %c: tensor<3xi32>",
                   "%y = weir.dropout %x, %c {rate = 2.0e-01 : f64, stream = " + stream +
                       " : i64} : (" + type + ", tensor<3xi32>) -> " + type + "\n",
                   "%y", type});
    }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const auto &shape : shapes)
    for (const std::string stream : {"0", "3"})
      for (double step : {0.0, 1.0, 123456.0}) {
        Tensor counter(llvm::ArrayRef<int64_t>{3});
        counter.values = {-5, 77, step};
        kernels.check(nameOf("dropout" + stream, shape), {randomTensor(shape, 9, 1, 2), counter}, 0,
                      2e-7);
      }
}
