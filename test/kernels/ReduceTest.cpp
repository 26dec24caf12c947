//===- ReduceTest.cpp - sum_to, softmax, cross_entropy ---------------------------------------===//

#include "Harness.h"

#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;

TEST(SumTo, AgreesWithReference) {
  struct Shapes {
    std::vector<int64_t> from, to;
  };
  const std::vector<Shapes> all = {
      {{1, 1}, {1}},         {{3, 7}, {7}},      {{9, 10}, {10}},
      {{32, 80}, {80}},      {{5, 33}, {1, 33}}, {{5, 33}, {5, 1}},
      {{2, 3, 4, 10}, {10}}, {{6, 7}, {}},       {{2, 3, 4, 5}, {2, 1, 4, 1}},
      {{4, 33}, {4, 33}},    {{2, 5, 7}, {5, 1}}};
  Kernels kernels;
  for (auto [i, s] : llvm::enumerate(all))
    kernels.add("sum" + std::to_string(i),
                {"%x: " + tensorType(s.from),
                 "%y = weir.sum_to %x : " + tensorType(s.from) + " -> " + tensorType(s.to) + "\n",
                 "%y", tensorType(s.to)});
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, s] : llvm::enumerate(all))
    kernels.check("sum" + std::to_string(i), {randomTensor(s.from, 1)}, 1e-5, 1e-6);
}

TEST(Softmax, AgreesWithReferenceForwardAndBackward) {
  const std::vector<std::vector<int64_t>> shapes = {{1, 1},  {1, 10},   {7, 10}, {32, 10},
                                                    {9, 33}, {3, 2, 7}, {5}};
  Kernels kernels;
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    const std::string type = tensorType(shape);
    kernels.add("softmax" + std::to_string(i),
                {"%x: " + type, "%y = weir.softmax %x : " + type + "\n", "%y", type});
    kernels.add("grad" + std::to_string(i),
                {"%y: " + type + ", %dy: " + type,
                 "%dx = weir.softmax_grad %y, %dy : " + type + "\n", "%dx", type});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    kernels.check("softmax" + std::to_string(i), {randomTensor(shape, 1, 10)}, 1e-7, 2e-6);
    kernels.check("softmax" + std::to_string(i), {randomTensor(shape, 1, 1000)}, 1e-7, 1e-4);
    kernels.check("grad" + std::to_string(i),
                  {randomTensor(shape, 1, 0.0, 1.0), randomTensor(shape, 2)}, 3e-6, 1e-6);
  }
}

TEST(CrossEntropy, LossCountAndGradientShareOneKernel) {
  const std::vector<std::pair<int64_t, int64_t>> sizes = {
      {1, 1}, {1, 10}, {3, 7}, {4, 33}, {5, 10}, {6, 10}, {7, 2}, {8, 10}, {9, 10}, {32, 10}};
  Kernels kernels;
  const auto nameOf = [](auto size) {
    return "loss" + std::to_string(size.first) + "x" + std::to_string(size.second);
  };
  for (auto size : sizes) {
    const std::string x = tensorType({size.first, size.second}),
                      labels = tensorType({size.first}, "i32");
    kernels.add(nameOf(size),
                {"%x: " + x + ", %labels: " + labels,
                 "%loss, %correct = weir.cross_entropy %x, %labels : (" + x + ", " + labels +
                     ") -> (tensor<f32>, tensor<i32>)\n%one = weir.fill 1.0 : tensor<f32>\n"
                     "%dx = weir.cross_entropy_grad %x, %labels, %one : (" +
                     x + ", " + labels + ", tensor<f32>) -> " + x + "\n",
                 "%loss, %correct, %dx", "tensor<f32>, tensor<i32>, " + x});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto size : sizes)
    for (double scale : {0.1, 5.0, 80.0})
      kernels.check(nameOf(size),
                    {randomTensor({size.first, size.second}, 3, scale),
                     randomLabels(size.first, size.second, 4)},
                    2e-7 + 1e-7 * scale, 3e-6);
}

// The first of equal logits counts as the answer.
TEST(CrossEntropy, TiesGoToTheSmallerClass) {
  Kernels kernels;
  kernels.add(
      "loss",
      {"%x: tensor<4x3xf32>, %labels: tensor<4xi32>",
       "%loss, %correct = weir.cross_entropy %x, %labels : (tensor<4x3xf32>, tensor<4xi32>) -> "
       "(tensor<f32>, tensor<i32>)\n",
       "%loss, %correct", "tensor<f32>, tensor<i32>"});
  kernels.compile();
  if (HasFatalFailure())
    return;
  Tensor x(llvm::ArrayRef<int64_t>{4, 3}), labels(llvm::ArrayRef<int64_t>{4});
  x.values = {1, 1, 0, 1, 1, 0, 0, 2, 2, 0, 2, 2};
  labels.values = {0, 1, 1, 2};
  kernels.check("loss", {x, labels}, 1e-6, 1e-6);
}
