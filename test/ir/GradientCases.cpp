//===- GradientCases.cpp - see GradientCases.h -----------------------------------------------===//
//
// Small odd sizes, so that no two dimensions can be mixed up unnoticed, and each geometry that the
// shape rules tell apart.
//
//===-----------------------------------------------------------------------------------------===//

#include "GradientCases.h"

#include "llvm/Support/FormatVariadic.h"

namespace weir::test {
namespace {

std::vector<Case> unary(std::string attributes = "", double spread = 1) {
  std::vector<Case> cases;
  for (const char *type : {"tensor<f32>", "tensor<1xf32>", "tensor<3x7xf32>", "tensor<7x1x3xf32>"})
    cases.push_back({attributes, {type}, {type}, 0.01, spread});
  return cases;
}

/// `away`: divisors near zero have derivatives that finite differences do not reach.
std::vector<Case> broadcasting(double away = 0.01) {
  return {{"", {"tensor<f32>", "tensor<f32>"}, {"tensor<f32>"}, away},
          {"", {"tensor<3x7xf32>", "tensor<3x7xf32>"}, {"tensor<3x7xf32>"}, away},
          {"", {"tensor<3x7xf32>", "tensor<1x7xf32>"}, {"tensor<3x7xf32>"}, away},
          {"", {"tensor<3x1xf32>", "tensor<3x7xf32>"}, {"tensor<3x7xf32>"}, away},
          {"", {"tensor<1x3x1x5xf32>", "tensor<7x1x1x5xf32>"}, {"tensor<7x3x1x5xf32>"}, away}};
}

/// Straight through what is rounded there is no derivative to compare with (test/ir has literal
/// values); where everything is cut off both are zero.
std::vector<Case> cutOff() {
  Case outside{"", {"tensor<3x7xf32>"}, {"tensor<3x7xf32>"}};
  outside.setup = "%l = weir.fill -0.001 : tensor<f32>\n%h = weir.fill 0.001 : tensor<f32>\n";
  outside.uses = "%a0, %l, %h";
  outside.usedTypes = "(tensor<3x7xf32>, tensor<f32>, tensor<f32>) -> tensor<3x7xf32>";
  return {outside};
}

std::string tensor(const std::string &shape) { return "tensor<" + shape + "xf32>"; }

/// A convolution with bias; `filters` (or their like) and kernel stand in `attributes`.
Case convolution(const std::string &attributes, const std::string &x, const std::string &weight,
                 const std::string &bias, const std::string &y) {
  return {"{" + attributes + "}", {tensor(x), tensor(weight), tensor(bias)}, {tensor(y)}};
}

/// The geometries of ir/Window.h: one pixel; padding, strides, dilations, each also uneven; "same"
/// with even and odd sizes; groups.
std::vector<Case> convolutions() {
  const std::string three = "filters = 3 : i64, kernel = array<i64: 3>, ";
  return {
      convolution("filters = 1 : i64, kernel = array<i64: 1>", "1x1x1x1", "1x1x1x1", "1",
                  "1x1x1x1"),
      convolution("filters = 3 : i64, kernel = array<i64: 3, 2>", "2x5x4x3", "3x2x3x3", "3",
                  "2x3x3x3"),
      convolution(three + "stride = array<i64: 2>, padding = array<i64: 1>", "1x5x6x2", "3x3x2x3",
                  "3", "1x3x3x3"),
      convolution(three + "dilation = array<i64: 2>, padding = array<i64: 0, 1>", "1x6x5x2",
                  "3x3x2x3", "3", "1x2x3x3"),
      convolution(three + "padding = array<i64: 1, 0, 2, 1>", "1x4x3x2", "3x3x2x3", "3", "1x3x4x3"),
      convolution(three + "stride = array<i64: 2>, padding = array<i64: -1>", "1x5x4x2", "3x3x2x3",
                  "3", "1x3x2x3"),
      convolution("filters = 1 : i64, kernel = array<i64: 2>, padding = array<i64: -1>", "1x3x5x1",
                  "2x2x1x1", "1", "1x3x5x1"),
      convolution("filters = 6 : i64, kernel = array<i64: 3>, groups = 2 : i64, padding = "
                  "array<i64: 1>, stride = array<i64: 2, 1>",
                  "2x3x4x4", "3x3x2x6", "6", "2x2x4x6"),
      {"{filters = 4 : i64, kernel = array<i64: 1>, stride = array<i64: 2>, use_bias = false}",
       {tensor("2x3x4x3"), tensor("1x1x3x4")},
       {tensor("2x2x2x4")}}};
}

std::vector<Case> depthwiseConvolutions() {
  const std::string three = "kernel = array<i64: 3>, ";
  return {
      convolution("kernel = array<i64: 1>", "1x1x1x1", "1x1x1", "1", "1x1x1x1"),
      convolution(three + "padding = array<i64: 1>, stride = array<i64: 2>", "2x5x6x3", "3x3x3",
                  "3", "2x3x3x3"),
      convolution(three + "multiplier = 2 : i64, padding = array<i64: 1, 0, 2, 1>", "1x4x3x2",
                  "3x3x4", "4", "1x3x4x4"),
      convolution(three + "dilation = array<i64: 2, 1>, stride = array<i64: 1, 2>", "1x6x5x2",
                  "3x3x2", "2", "1x2x2x2"),
      {"{kernel = array<i64: 2>, padding = array<i64: -1>, multiplier = 3 : i64, use_bias = false}",
       {tensor("1x3x5x2"), tensor("2x2x6")},
       {tensor("1x3x5x6")}}};
}

/// Of max_pool2d with its `index`, or of avg_pool2d.
std::vector<Case> pools(const std::string &more, bool withIndex) {
  const auto pool = [&](const std::string &attributes, const std::string &x, const std::string &y) {
    Case used{"{" + attributes + more + "}", {tensor(x)}, {tensor(y)}};
    if (withIndex)
      used.results.push_back("tensor<" + y + "xi32>");
    return used;
  };
  const std::string three = "kernel = array<i64: 3>, stride = array<i64: 2>";
  return {pool("kernel = array<i64: 1>", "1x1x1x1", "1x1x1x1"),
          pool("kernel = array<i64: 2, 3>", "2x5x6x3", "2x2x2x3"),
          pool(three + ", padding = array<i64: 1>", "1x5x6x2", "1x3x3x2"),
          pool(three + ", ceil_mode = true", "1x5x6x2", "1x2x3x2"),
          pool(three + ", padding = array<i64: 1>, ceil_mode = true", "1x6x5x2", "1x4x3x2"),
          pool(three + ", padding = array<i64: -1>", "1x5x4x2", "1x3x2x2"),
          pool("kernel = array<i64: 3>, stride = array<i64: 1>, padding = array<i64: 0, 2, 1, 0>",
               "1x3x4x1", "1x3x3x1")};
}

/// In both forms. While training, mean and variance are the batch's, as expand-batch-norm makes
/// them, and the gradient through them is x's; a variance is a square.
std::vector<Case> batchNorms() {
  std::vector<Case> cases;
  for (auto [x, c] : {std::pair<std::string, std::string>{"5x1", "1"}, {"2x3x2x3", "3"}}) {
    const std::string all = llvm::formatv("({0}, {1}, {1}, {1}, {1}) -> {0}", tensor(x), tensor(c));
    Case training{"{training = true}", {tensor(x), tensor(c), tensor(c)}, {tensor(x)}};
    training.setup = llvm::formatv("%m, %v = weir.batch_stats %a0 : ({0}) -> ({1}, {1})\n",
                                   tensor(x), tensor(c));
    training.uses = "%a0, %a1, %a2, %m, %v";
    training.usedTypes = all;
    cases.push_back(training);
    Case inference{
        "{epsilon = 0.001}", {tensor(x), tensor(c), tensor(c), tensor(c), tensor(c)}, {tensor(x)}};
    inference.constants = {3, 4};
    inference.setup = llvm::formatv("%v = weir.mul %a4, %a4 : ({0}, {0}) -> {0}\n", tensor(c));
    inference.uses = "%a0, %a1, %a2, %a3, %v";
    inference.usedTypes = all;
    cases.push_back(inference);
  }
  return cases;
}

std::vector<Case> reductions() {
  return {{"{axes = array<i64: 0>}", {tensor("2x3")}, {tensor("2")}},
          {"{axes = array<i64: 1, -1>}", {tensor("2x3x4x5")}, {tensor("2x3")}},
          {"{axes = array<i64: 0, 1>, keep_dims = true}", {tensor("2x3x4x5")}, {tensor("2x1x1x5")}},
          {"{axes = array<i64: 1>}", {tensor("3x2x1")}, {tensor("3x2")}}};
}

std::vector<Case> operator+(std::vector<Case> a, const std::vector<Case> &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

} // namespace

const std::map<std::string, std::vector<Case>> &gradientCases() {
  static const std::map<std::string, std::vector<Case>> cases = {
      {"add", broadcasting()},
      {"sub", broadcasting()},
      {"mul", broadcasting()},
      {"div", broadcasting(0.5)},
      {"relu", unary()},
      {"relu6", unary("", 5)},
      {"leaky_relu", unary() + unary("{slope = 0.3}")},
      {"elu", unary() + unary("{alpha = 1.7}")},
      {"swish", unary("", 2)},
      {"hard_swish", unary("", 3)},
      {"gelu", unary() + unary("{approximation = \"tanh\"}")},
      {"tanh", unary()},
      {"sigmoid", unary()},
      {"softmax", unary()},
      {"log_softmax", unary()},
      {"conv2d", convolutions()},
      {"depthwise_conv2d", depthwiseConvolutions()},
      {"max_pool2d", pools("", true)},
      {"avg_pool2d", pools("", false) + pools(", count_include_pad = false", false)},
      {"global_avg_pool2d",
       {{"", {tensor("1x1x1x1")}, {tensor("1x1")}}, {"", {tensor("2x3x4x5")}, {tensor("2x5")}}}},
      {"batch_norm", batchNorms()},
      {"bias_add",
       {{"", {tensor("1x1"), tensor("1")}, {tensor("1x1")}},
        {"", {tensor("2x3x4x5"), tensor("5")}, {tensor("2x3x4x5")}}}},
      {"concat",
       {{"", {tensor("2x3")}, {tensor("2x3")}},
        {"", {tensor("2x3x4"), tensor("2x3x1"), tensor("2x3x2")}, {tensor("2x3x7")}},
        {"{axis = 0 : i64}", {tensor("2x1x4x5"), tensor("2x3x4x5")}, {tensor("2x4x4x5")}}}},
      {"slice",
       {{"{begin = 1 : i64, end = 3 : i64}", {tensor("2x3x4")}, {tensor("2x3x2")}},
        {"{begin = 0 : i64, end = 1 : i64, axis = 1 : i64}",
         {tensor("2x3x4x5")},
         {tensor("2x3x1x5")}},
        {"{begin = 0 : i64, end = 3 : i64, axis = 0 : i64}", {tensor("2x3")}, {tensor("2x3")}}}},
      {"pad",
       {{"{padding = array<i64: 0>}", {tensor("2x3x4x5")}, {tensor("2x3x4x5")}},
        {"{padding = array<i64: 1, 2>, value = 7.0}", {tensor("2x3x4x1")}, {tensor("2x5x8x1")}},
        {"{padding = array<i64: 0, 1, 2, 3>}", {tensor("1x2x3x2")}, {tensor("1x3x8x2")}}}},
      {"transpose",
       {{"{permutation = array<i64: 0>}", {tensor("2x3")}, {tensor("2x3")}},
        {"{permutation = array<i64: 1, 0>}", {tensor("2x3x4")}, {tensor("2x4x3")}},
        {"{permutation = array<i64: 2, 0, 1>}", {tensor("2x3x4x5")}, {tensor("2x5x3x4")}}}},
      {"reduce_sum", reductions()},
      {"reduce_mean", reductions()},
      {"dense",
       {{"{units = 1 : i64}",
         {"tensor<1x1xf32>", "tensor<1x1xf32>", "tensor<1xf32>"},
         {"tensor<1x1xf32>"}},
        {"{units = 3 : i64}",
         {"tensor<7x5xf32>", "tensor<5x3xf32>", "tensor<3xf32>"},
         {"tensor<7x3xf32>"}},
        {"{units = 7 : i64, use_bias = false}",
         {"tensor<1x3xf32>", "tensor<3x7xf32>"},
         {"tensor<1x7xf32>"}},
        {"{units = 4 : i64}",
         {tensor("2x3x1x5"), tensor("5x4"), tensor("4")},
         {tensor("2x3x1x4")}}}},
      {"fake_quantize", cutOff()},
      {"flatten", {{"", {"tensor<3x5x7x1xf32>"}, {"tensor<3x35xf32>"}}}},
      {"reshape", {{"{shape = array<i64: 7, -1>}", {"tensor<3x5x7xf32>"}, {"tensor<3x7x5xf32>"}}}},
      {"view", {{"", {"tensor<3x7xf32>"}, {"tensor<7x1x3xf32>"}}}},
      {"dropout",
       {{"{rate = 0.5, stream = 3 : i64}",
         {"tensor<7x3xf32>", "tensor<3xi32>"},
         {"tensor<7x3xf32>"}},
        {"{rate = 0.1}", {"tensor<1xf32>", "tensor<3xi32>"}, {"tensor<1xf32>"}},
        {"{rate = 0.5}", {"tensor<3xf32>"}, {"tensor<3xf32>"}}}},
      {"cross_entropy",
       {{"", {"tensor<1x1xf32>", "tensor<1xi32>"}, {"tensor<f32>", "tensor<i32>"}},
        {"", {"tensor<7x3xf32>", "tensor<7xi32>"}, {"tensor<f32>", "tensor<i32>"}},
        {"{label_smoothing = 0.1}",
         {"tensor<3x10xf32>", "tensor<3xi32>"},
         {"tensor<f32>", "tensor<i32>"}}}},
  };
  return cases;
}

} // namespace weir::test
