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
                                    {"sigmoid", "weir.sigmoid %x"}};
const std::vector<Unary> gradients = {
    {"relu_grad", "weir.relu_grad %x, %dy"},
    {"gelu_grad", "weir.gelu_grad %x, %dy"},
    {"gelu_grad_tanh", "weir.gelu_grad %x, %dy {approximation = \"tanh\"}"},
    {"tanh_grad", "weir.tanh_grad %x, %dy"},
    {"sigmoid_grad", "weir.sigmoid_grad %x, %dy"}};

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
      const double scale = gradient.name.starts_with("gelu") ? 6.0 : 1.0;
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
  for (const Unary &unary : unaries)
    kernels.check(unary.name, {x}, 3e-9, 0);
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
  for (const std::string op : {"add", "mul"})
    for (auto [i, s] : llvm::enumerate(all))
      kernels.add(nameAt(op, i), {"%a: " + tensorType(s.a) + ", %b: " + tensorType(s.b),
                                  "%y = weir." + op + " %a, %b : (" + tensorType(s.a) + ", " +
                                      tensorType(s.b) + ") -> " + tensorType(s.y) + "\n",
                                  "%y", tensorType(s.y)});
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const std::string op : {"add", "mul"})
    for (auto [i, s] : llvm::enumerate(all))
      kernels.check(nameAt(op, i), {randomTensor(s.a, 1), randomTensor(s.b, 2)}, 0, 1e-7);
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

TEST(Elementwise, ShapesAndConstants) {
  Kernels kernels;
  kernels.add("view", {"%x: tensor<3x4x5xf32>",
                       "%y = weir.view %x : tensor<3x4x5xf32> -> tensor<6x10xf32>\n", "%y",
                       "tensor<6x10xf32>"});
  kernels.add("flatten", {"%x: tensor<3x4x5xf32>",
                          "%y = weir.flatten %x : (tensor<3x4x5xf32>) -> tensor<3x20xf32>\n", "%y",
                          "tensor<3x20xf32>"});
  kernels.add("reshape", {"%x: tensor<3x20xf32>",
                          "%y = weir.reshape %x {shape = array<i64: 4, 5>} : (tensor<3x20xf32>) -> "
                          "tensor<3x4x5xf32>\n",
                          "%y", "tensor<3x4x5xf32>"});
  kernels.add("fill", {"", "%y = weir.fill 2.5 : tensor<7xf32>\n", "%y", "tensor<7xf32>"});
  kernels.add("copy", {"%x: tensor<3x7xf32>", "", "%x", "tensor<3x7xf32>"});
  kernels.add("copy_labels", {"%x: tensor<7xi32>", "", "%x", "tensor<7xi32>"});
  kernels.compile();
  if (HasFatalFailure())
    return;
  kernels.check("view", {randomTensor({3, 4, 5}, 1)}, 0, 0);
  kernels.check("flatten", {randomTensor({3, 4, 5}, 1)}, 0, 0);
  kernels.check("reshape", {randomTensor({3, 20}, 1)}, 0, 0);
  kernels.check("fill", {}, 0, 0);
  kernels.check("copy", {randomTensor({3, 7}, 1)}, 0, 0);
  kernels.check("copy_labels", {randomLabels(7, 10, 1)}, 0, 0);
}
