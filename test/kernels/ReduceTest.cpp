//===- ReduceTest.cpp - sums, softmax, cross_entropy -----------------------------------------===//

#include "Harness.h"

#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;

TEST(SumTo, AgreesWithReference) {
  struct Shapes {
    std::vector<int64_t> from, to;
  };
  const std::vector<Shapes> all = {
      {{1, 1}, {1}},         {{3, 7}, {7}},        {{9, 10}, {10}},
      {{32, 80}, {80}},      {{5, 33}, {1, 33}},   {{5, 33}, {5, 1}},
      {{2, 3, 4, 10}, {10}}, {{6, 7}, {}},         {{2, 3, 4, 5}, {2, 1, 4, 1}},
      {{4, 33}, {4, 33}},    {{2, 5, 7}, {5, 1}},  {{3000, 17}, {17}},
      {{7, 9, 9, 64}, {64}}, {{3, 5, 70}, {5, 1}}, {{2, 9, 200}, {1, 1}},
      {{70'000}, {}}};
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

TEST(Reduce, SumsAndMeansOverAnyAxes) {
  struct Case {
    std::vector<int64_t> shape;
    std::string axes;
    std::vector<int64_t> kept, dropped; ///< result shapes
  };
  const std::vector<Case> all = {
      {{3, 7}, "0", {3, 1}, {3}},
      {{3, 33}, "-1", {3, 1}, {3}},
      {{2, 3, 5, 17}, "0, 1", {2, 1, 1, 17}, {2, 17}},
      {{2, 3, 5, 17}, "2", {2, 3, 5, 1}, {2, 3, 5}},
      {{2, 3, 5, 70}, "0, 2", {2, 1, 5, 1}, {2, 5}},
      {{2, 3, 5, 70}, "1", {2, 3, 1, 70}, {2, 3, 70}},
      {{2, 3, 5, 140}, "2, 0, 1", {2, 1, 1, 1}, {2}},
      {{1, 70'000}, "0", {1, 1}, {1}},
  };
  Kernels kernels;
  const auto nameAt = [](const std::string &op, size_t i) { return op + std::to_string(i); };
  for (const std::string op : {"reduce_sum", "reduce_mean"})
    for (auto [i, c] : llvm::enumerate(all))
      for (const bool keep : {false, true}) {
        const std::string x = tensorType(c.shape), y = tensorType(keep ? c.kept : c.dropped);
        kernels.add(nameAt(op, i) + (keep ? "_kept" : ""),
                    {"%x: " + x,
                     "%y = weir." + op + " %x {axes = array<i64: " + c.axes + ">, keep_dims = " +
                         (keep ? "true" : "false") + "} : (" + x + ") -> " + y + "\n",
                     "%y", y});
      }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const std::string op : {"reduce_sum", "reduce_mean"})
    for (auto [i, c] : llvm::enumerate(all))
      for (const std::string suffix : {"", "_kept"})
        kernels.check(nameAt(op, i) + suffix, {randomTensor(c.shape, 1)}, 1e-5, 1e-5);
}

TEST(Reduce, SumOfSquares) {
  const std::vector<std::vector<int64_t>> shapes = {
      {}, {1}, {7}, {33}, {3, 129}, {3, 3, 5, 7}, {100, 700}, {300, 500}, {131'101}};
  Kernels kernels;
  for (auto [i, shape] : llvm::enumerate(shapes))
    kernels.add("squares" + std::to_string(i),
                {"%x: " + tensorType(shape),
                 "%y = weir.sum_of_squares %x : (" + tensorType(shape) + ") -> tensor<f32>\n", "%y",
                 "tensor<f32>"});
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, shape] : llvm::enumerate(shapes))
    kernels.check("squares" + std::to_string(i), {randomTensor(shape, 1)}, 0, 2e-6);
}

TEST(Softmax, LogarithmsAgreeWithReferenceForwardAndBackward) {
  const std::vector<std::vector<int64_t>> shapes = {{1, 1},  {1, 10},   {7, 10}, {32, 10},
                                                    {9, 33}, {3, 2, 7}, {5}};
  Kernels kernels;
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    const std::string type = tensorType(shape);
    kernels.add("log_softmax" + std::to_string(i),
                {"%x: " + type, "%y = weir.log_softmax %x : " + type + "\n", "%y", type});
    kernels.add("grad" + std::to_string(i),
                {"%y: " + type + ", %dy: " + type,
                 "%dx = weir.log_softmax_grad %y, %dy : " + type + "\n", "%dx", type});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    for (const double scale : {1.0, 10.0, 1000.0})
      kernels.check("log_softmax" + std::to_string(i), {randomTensor(shape, 1, scale)}, 2e-6, 1e-6);
    kernels.check("grad" + std::to_string(i),
                  {randomTensor(shape, 1, -5.0, 0.0), randomTensor(shape, 2)}, 3e-6, 3e-6);
  }
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

TEST(CrossEntropy, SmoothedLabels) {
  const std::vector<std::pair<int64_t, int64_t>> sizes = {{1, 1}, {3, 7}, {32, 10}, {4, 33}};
  Kernels kernels;
  for (auto [batch, classes] : sizes) {
    const std::string x = tensorType({batch, classes}), labels = tensorType({batch}, "i32");
    kernels.add("loss" + std::to_string(batch),
                {"%x: " + x + ", %labels: " + labels + ", %dloss: tensor<f32>",
                 "%loss, %correct = weir.cross_entropy %x, %labels {label_smoothing = 0.1 : f64} "
                 ": (" +
                     x + ", " + labels +
                     ") -> (tensor<f32>, tensor<i32>)\n%dx = weir.cross_entropy_grad %x, %labels, "
                     "%dloss {label_smoothing = 0.1 : f64} : (" +
                     x + ", " + labels + ", tensor<f32>) -> " + x + "\n",
                 "%loss, %correct, %dx", "tensor<f32>, tensor<i32>, " + x});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [batch, classes] : sizes)
    for (double scale : {0.1, 5.0, 80.0})
      kernels.check("loss" + std::to_string(batch),
                    {randomTensor({batch, classes}, 3, scale), randomLabels(batch, classes, 4),
                     Tensor::scalar(0.5)},
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
