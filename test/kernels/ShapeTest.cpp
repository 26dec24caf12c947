//===- ShapeTest.cpp - concat, slice, pad, transpose, broadcast_to, and views ----------------===//

#include "Harness.h"

#include "llvm/ADT/StringExtras.h"
#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;

namespace {

/// One use of an op; `%a0`, `%a1`, … are its operands.
struct Case {
  std::string op, attributes;
  std::vector<std::vector<int64_t>> operands;
  std::vector<int64_t> result;
  bool plainTypes = false; ///< "type -> type" instead of a function's
};

std::string joined(size_t count, llvm::function_ref<std::string(size_t)> item) {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += (i ? ", " : "") + item(i);
  return text;
}

std::string bodyOf(const Case &c) {
  const std::string names =
      joined(c.operands.size(), [](size_t i) { return "%a" + std::to_string(i); });
  const std::string types =
      joined(c.operands.size(), [&](size_t i) { return tensorType(c.operands[i]); });
  return "%y = weir." + c.op + " " + names + " " + c.attributes + " : " +
         (c.plainTypes ? types : "(" + types + ")") + " -> " + tensorType(c.result) + "\n";
}

std::string declared(const Case &c) {
  return joined(c.operands.size(), [&](size_t i) {
    return "%a" + std::to_string(i) + ": " + tensorType(c.operands[i]);
  });
}

void checkAll(const std::vector<Case> &cases) {
  Kernels kernels;
  const auto nameAt = [&](size_t i) { return cases[i].op + std::to_string(i); };
  for (auto [i, c] : llvm::enumerate(cases))
    kernels.add(nameAt(i), {declared(c), bodyOf(c), "%y", tensorType(c.result)});
  kernels.compile();
  if (testing::Test::HasFatalFailure())
    return;
  for (auto [i, c] : llvm::enumerate(cases)) {
    std::vector<Tensor> values;
    for (const auto &shape : c.operands)
      values.push_back(randomTensor(shape, 1 + static_cast<unsigned>(values.size())));
    kernels.check(nameAt(i), values, 0, 0);
  }
}

} // namespace

TEST(Shape, ConcatPutsOneBehindTheOther) {
  checkAll({
      {"concat", "", {{2, 3}}, {2, 3}},
      {"concat", "", {{2, 3}, {2, 1}, {2, 20}}, {2, 24}},
      {"concat", "", {{3, 5, 7, 16}, {3, 5, 7, 48}}, {3, 5, 7, 64}},
      {"concat", "", {{1, 5, 7, 1}, {1, 5, 7, 10}}, {1, 5, 7, 11}},
      {"concat", "{axis = 0 : i64}", {{3, 5, 7, 3}, {3, 2, 7, 3}}, {3, 7, 7, 3}},
      {"concat", "{axis = 1 : i64}", {{2, 3, 1, 10}, {2, 3, 4, 10}, {2, 3, 2, 10}}, {2, 3, 7, 10}},
      {"concat", "{axis = 2 : i64}", {{16, 14, 14, 33}, {16, 14, 14, 31}}, {16, 14, 14, 64}},
  });
}

TEST(Shape, SlicesAndTheirGradients) {
  checkAll({
      {"slice", "{begin = 0 : i64, end = 16 : i64}", {{3, 5, 48}}, {3, 5, 16}},
      {"slice", "{begin = 17 : i64, end = 20 : i64}", {{3, 5, 20}}, {3, 5, 3}},
      {"slice", "{begin = 1 : i64, end = 2 : i64, axis = 0 : i64}", {{3, 5, 7, 3}}, {3, 1, 7, 3}},
      {"slice", "{begin = 16 : i64, end = 64 : i64}", {{17, 12, 12, 64}}, {17, 12, 12, 48}},
      {"slice_grad", "{begin = 0 : i64}", {{3, 5, 16}}, {3, 5, 48}, true},
      {"slice_grad", "{begin = 7 : i64}", {{3, 5, 10}}, {3, 5, 33}, true},
      {"slice_grad", "{begin = 2 : i64, axis = 1 : i64}", {{2, 3, 2, 5}}, {2, 3, 4, 5}, true},
      {"slice_grad", "{begin = 16 : i64}", {{17, 12, 12, 16}}, {17, 12, 12, 64}, true},
  });
}

TEST(Shape, PadSurroundsImages) {
  checkAll({
      {"pad", "{padding = array<i64: 1>}", {{2, 3, 5, 1}}, {2, 5, 7, 1}},
      {"pad", "{padding = array<i64: 0, 2>, value = 1.5 : f64}", {{2, 3, 5, 3}}, {2, 3, 9, 3}},
      {"pad", "{padding = array<i64: 1, 0>}", {{1, 3, 5, 16}}, {1, 4 + 1, 5, 16}},
      {"pad",
       "{padding = array<i64: 0, 1, 2, 0>, value = -1.0 : f64}",
       {{2, 4, 4, 10}},
       {2, 5, 6, 10}},
      {"pad", "{padding = array<i64: 2>}", {{32, 10, 10, 24}}, {32, 14, 14, 24}},
  });
}

TEST(Shape, TransposeReordersDimensions) {
  checkAll({
      {"transpose", "{permutation = array<i64: 1, 0>}", {{2, 3, 5}}, {2, 5, 3}},
      {"transpose", "{permutation = array<i64: 1, 0, 2>}", {{2, 3, 5, 17}}, {2, 5, 3, 17}},
      {"transpose", "{permutation = array<i64: 2, 0, 1>}", {{2, 3, 5, 17}}, {2, 17, 3, 5}},
      {"transpose", "{permutation = array<i64: 1, 2, 0>}", {{3, 33, 5, 7}}, {3, 5, 7, 33}},
      {"transpose", "{permutation = array<i64: 0, 2, 1>}", {{1, 4, 1, 10}}, {1, 4, 10, 1}},
  });
}

TEST(Shape, BroadcastToRepeats) {
  checkAll({
      {"broadcast_to", "", {{2, 1, 1, 17}}, {2, 3, 5, 17}, true},
      {"broadcast_to", "", {{2, 3, 1, 1}}, {2, 3, 4, 33}, true},
      {"broadcast_to", "", {{1, 1}}, {7, 10}, true},
      {"broadcast_to", "", {{3, 7}}, {3, 7}, true},
  });
}

// Behind other ops in a group the values come by formula, not by copies.
TEST(Shape, WorksInsideOfGroups) {
  const std::string x = tensorType({2, 3, 5, 7}), whole = tensorType({2, 3, 5, 18});
  Kernels kernels;
  kernels.add("concat",
              {"%x: " + x + ", %z: tensor<2x3x5x11xf32>",
               "%a = weir.relu %x : " + x + "\n%y = weir.concat %a, %z : (" + x +
                   ", tensor<2x3x5x11xf32>) -> " + whole + "\n%t = weir.tanh %y : " + whole + "\n",
               "%t", whole});
  kernels.add("twice",
              {"%x: " + x,
               "%y = weir.concat %x, %x : (" + x + ", " + x + ") -> tensor<2x3x5x14xf32>\n", "%y",
               "tensor<2x3x5x14xf32>"});
  kernels.add("slice", {"%x: " + x,
                        "%a = weir.relu %x : " + x +
                            "\n%s = weir.slice %a {begin = 2 : i64, end = 6 : i64} : (" + x +
                            ") -> tensor<2x3x5x4xf32>\n%g = weir.slice_grad %s {begin = 3 : i64} : "
                            "tensor<2x3x5x4xf32> -> " +
                            x + "\n",
                        "%g", x});
  kernels.add("pad",
              {"%x: " + x,
               "%a = weir.relu %x : " + x +
                   "\n%p = weir.pad %a {padding = array<i64: 1, 2>, value = 2.0 : f64} : (" + x +
                   ") -> tensor<2x5x9x7xf32>\n%t = weir.transpose %p {permutation = "
                   "array<i64: 2, 1, 0>} : (tensor<2x5x9x7xf32>) -> "
                   "tensor<2x7x9x5xf32>\n",
               "%t", "tensor<2x7x9x5xf32>"});
  kernels.compile();
  if (HasFatalFailure())
    return;
  const Tensor values = randomTensor({2, 3, 5, 7}, 1);
  kernels.check("concat", {values, randomTensor({2, 3, 5, 11}, 2)}, 1e-6, 1e-6);
  kernels.check("twice", {values}, 0, 0);
  kernels.check("slice", {values}, 0, 0);
  kernels.check("pad", {values}, 0, 0);
}

TEST(Shape, ViewsAndConstants) {
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
