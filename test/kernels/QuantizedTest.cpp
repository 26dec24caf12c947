//===- QuantizedTest.cpp - kernels of 8-bit integers, byte for byte --------------------------===//
//
// Every quantized op and the groups that nets have, at sizes that fill no vector, with the extremes
// of each type, on every instruction set that this machine has; AMX is emulated where it has none.
// The reference's integers are exact and its f32 steps rounded one by one, so equality is asked
// for, not closeness.
//
//===-----------------------------------------------------------------------------------------===//

#include "Product.h"
#include "TileEmulator.h"

#include "llvm/ADT/StringExtras.h"
#include <gtest/gtest.h>

using namespace weir::test;

namespace {

std::vector<std::string> runnableTargets() {
  std::vector<std::string> names;
  for (const char *name : {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "x86-64-v4-vnni"})
    if (weir::lackingHere(*weir::findTarget(name)).empty())
      names.emplace_back(name);
  return names;
}

/// With tiles, which only products have.
std::vector<std::string> targetsOfProducts() {
  std::vector<std::string> names = runnableTargets();
  if (provideTiles())
    names.emplace_back("x86-64-v4-amx");
  return names;
}

class Quantized : public testing::TestWithParam<std::string> {
protected:
  int group() const { return weir::findTarget(GetParam())->dotTerms; }

  void add(const std::string &name, const Kernels::Group &group, std::vector<Tensor> operands) {
    kernels.add(name, group);
    cases.emplace_back(name, std::move(operands));
  }
  void checkAll() {
    ASSERT_NO_FATAL_FAILURE(kernels.compile(GetParam()));
    for (const auto &[name, operands] : cases)
      kernels.check(name, operands, 0, 0);
  }

private:
  Kernels kernels;
  std::vector<std::pair<std::string, std::vector<Tensor>>> cases;
};

class QuantizedProducts : public Quantized {};

/// Sums as they are, and with what nets have behind them.
TEST_P(QuantizedProducts, PackedDense) {
  const Extents all[] = {{1, 1, 1},   {3, 5, 7},    {7, 27, 16},   {4, 64, 33},   {49, 96, 24},
                         {1, 80, 10}, {13, 33, 96}, {196, 36, 64}, {32, 128, 40}, {331, 24, 48}};
  for (const Extents &extents : all) {
    const Product product(extents, group());
    add("sums_" + product.name, product.ofSums(), product.operands);
    add("values_" + product.name, product.ofValues(), product.operands);
  }
  for (const Extents &extents : {Extents{7, 27, 16}, Extents{26, 40, 20}}) {
    const Product product(extents, group());
    add("row_" + product.name, product.ofSumsInARow(), product.operands);
  }
  checkAll();
}

/// All factors at their extremes: sums of two products are beyond 16 bits.
TEST_P(QuantizedProducts, ProductsDoNotSaturate) {
  const int64_t rows = 4, depth = 16, padded = 16;
  const std::string x = value({rows, depth}),
                    w = tensorType({depth / group(), padded, group()}, "i8"),
                    b = tensorType({padded}, "i32"), s = sums({rows, padded});
  int turn = 0;
  for (const double extreme : {127.0, -127.0}) {
    Tensor left{llvm::ArrayRef<int64_t>({rows, depth})},
        right{llvm::ArrayRef<int64_t>({depth / group(), padded, group()})},
        bias{llvm::ArrayRef<int64_t>({padded})};
    llvm::fill(left.values, 255);
    llvm::fill(right.values, extreme);
    add("extreme" + std::to_string(turn++),
        {"%x: " + x + ", %w: " + w + ", %b: " + b,
         "%s = weir.packed_dense %x, %w, %b : (" + x + ", " + w + ", " + b + ") -> " + s + "\n",
         "%s", s},
        {left, right, bias});
  }
  checkAll();
}

/// dense whose weights nobody packed, with rows in more than one dimension.
TEST_P(Quantized, Dense) {
  for (const Shape &rows : {Shape{5}, Shape{2, 3, 4}})
    for (const bool bias : {false, true}) {
      Shape from = rows, to = rows;
      from.push_back(19);
      to.push_back(21);
      const std::string x = value(from, 0.25, 7), w = weights({19, 21}), s = products(to),
                        b = products({21});
      std::vector<Tensor> operands = {bytes(from, 1), signedBytes({19, 21}, 2)};
      if (bias)
        operands.push_back(integers({21}, 3, -9999, 9999));
      add("dense" + std::to_string(rows.size()) + (bias ? "b" : ""),
          {"%x: " + x + ", %w: " + w + (bias ? ", %b: " + b : ""),
           std::string("%s = weir.dense %x, %w") + (bias ? ", %b" : "") +
               " {units = 21 : i64, use_bias = " + (bias ? "true" : "false") + "} : (" + x + ", " +
               w + (bias ? ", " + b : "") + ") -> " + s + "\n",
           "%s", s},
          operands);
    }
  checkAll();
}

/// From f32 and back, and from one scale to another.
TEST_P(Quantized, Conversions) {
  for (const Shape &shape : {Shape{1, 1}, Shape{7, 19}, Shape{2, 5, 3, 24}, Shape{2, 28, 28, 65}}) {
    const std::string real = tensorType(shape), x = value(shape, 0.02, 100), y = relu6(shape),
                      s = sums(shape, 0.001), name = std::to_string(shape.back());
    // Halves, which go to the even neighbour, and what is beyond both ends.
    Tensor numbers = randomTensor(shape, 5, -4, 6);
    for (int64_t i = 0; i < numbers.size(); i += 3)
      numbers[i] = 0.02 * (static_cast<double>(i % 500 - 250) + 0.5);
    add("quantize" + name,
        {"%x: " + real, "%y = weir.quantize %x : " + real + " -> " + x + "\n", "%y", x}, {numbers});
    add("dequantize" + name,
        {"%x: " + x, "%y = weir.dequantize %x : (" + x + ") -> " + real + "\n", "%y", real},
        {bytes(shape, 6)});
    add("dequantize_sums" + name,
        {"%x: " + s, "%y = weir.dequantize %x : (" + s + ") -> " + real + "\n", "%y", real},
        {integers(shape, 7, -1 << 24, 1 << 24)});
    add("requantize" + name,
        {"%x: " + x, "%y = weir.requantize %x : " + x + " -> " + y + "\n", "%y", y},
        {bytes(shape, 8)});
    add("requantize_sums" + name,
        {"%x: " + s, "%y = weir.requantize %x : " + s + " -> " + x + "\n", "%y", x},
        {integers(shape, 9, -100000, 100000)});
    // Two readers of one sum, of which one wants floats: each has factors of its own.
    add("both" + name,
        {"%x: " + s,
         "%y = weir.requantize %x : " + s + " -> " + x + "\n%z = weir.dequantize %x : (" + s +
             ") -> " + real + "\n",
         "%y, %z", x + ", " + real},
        {integers(shape, 10, -100000, 100000)});
    add("there_and_back" + name,
        {"%x: " + real,
         "%0 = weir.quantize %x : " + real + " -> " + x + "\n%1 = weir.requantize %0 : " + x +
             " -> " + y + "\n%2 = weir.dequantize %1 : (" + y + ") -> " + real +
             "\n%3 = weir.relu %2 : " + real + "\n",
         "%3", real},
        {numbers});
  }
  checkAll();
}

TEST_P(Quantized, Add) {
  for (const Shape &shape :
       {Shape{3, 5}, Shape{2, 7, 7, 24}, Shape{1, 28, 28, 96}, Shape{4, 56, 56, 16}}) {
    const std::string a = value(shape, 0.02, 3), b = value(shape, 0.031, 250),
                      y = value(shape, 0.04, 99);
    add("add" + std::to_string(shape.back()),
        {"%a: " + a + ", %b: " + b, "%y = weir.add %a, %b : (" + a + ", " + b + ") -> " + y + "\n",
         "%y", y},
        {bytes(shape, 1), bytes(shape, 2)});
  }
  // Behind a product, as an inverted residual has it.
  const Shape shape{2, 9, 24};
  const std::string s = sums(shape), a = value(shape, 0.02, 3), b = value(shape, 0.031, 250),
                    y = value(shape, 0.04, 99);
  add("requantize_add",
      {"%s: " + s + ", %b: " + b,
       "%a = weir.requantize %s : " + s + " -> " + a + "\n%y = weir.add %a, %b : (" + a + ", " + b +
           ") -> " + y + "\n",
       "%y", y},
      {integers(shape, 1, -90000, 90000), bytes(shape, 2)});
  // One row for all.
  const std::string row = value({1, 33}, 0.02, 0), all = value({6, 33}, 0.02, 255);
  add("broadcast",
      {"%a: " + all + ", %b: " + row,
       "%y = weir.add %a, %b : (" + all + ", " + row + ") -> " + all + "\n", "%y", all},
      {bytes({6, 33}, 3), bytes({1, 33}, 4)});
  add("bias_add",
      {"%a: " + products({6, 33}) + ", %b: " + products({33}),
       "%y = weir.bias_add %a, %b : (" + products({6, 33}) + ", " + products({33}) + ") -> " +
           products({6, 33}) + "\n",
       "%y", products({6, 33})},
      {integers({6, 33}, 5, -70000, 70000), integers({33}, 6, -70000, 70000)});
  checkAll();
}

/// Images through windows; the border is the zero point where values are copied, no value for a
/// maximum, and may or may not count for a mean.
TEST_P(Quantized, Windows) {
  struct Geometry {
    Shape image;
    int64_t kernel, stride, border, rows, columns;
  };
  const Geometry all[] = {{{1, 7, 6, 1}, 3, 1, 1, 7, 6},
                          {{2, 9, 8, 24}, 3, 2, 1, 5, 4},
                          {{1, 14, 15, 33}, 2, 2, 0, 7, 7},
                          {{3, 5, 7, 130}, 5, 1, 2, 5, 7},
                          {{2, 28, 28, 32}, 3, 1, 1, 28, 28}};
  int turn = 0;
  for (const auto &[image, kernel, stride, border, rows, columns] : all) {
    const int64_t channels = image[3];
    const std::string name = std::to_string(turn++), size = std::to_string(kernel),
                      x = value(image, 0.25, 77),
                      window = "stride = array<i64: " + std::to_string(stride) +
                               ">, padding = array<i64: " + std::to_string(border) + ">}";
    const Shape to{image[0], rows, columns, channels};
    const std::string kernelWindow = " {kernel = array<i64: " + size + ">, " + window;
    const std::vector<Tensor> one = {bytes(image, 1)};
    const Shape windows{image[0], rows, columns, kernel, kernel, channels};
    const std::string p = value(windows, 0.25, 77);
    add("patches" + name,
        {"%x: " + x, "%y = weir.patches %x" + kernelWindow + " : (" + x + ") -> " + p + "\n", "%y",
         p},
        one);
    const std::string m = value(to, 0.25, 77), i = tensorType(to, "i32");
    const std::string pool =
        "%y, %i = weir.max_pool2d %x" + kernelWindow + " : (" + x + ") -> (" + m + ", " + i + ")\n";
    add("max_pool" + name, {"%x: " + x, pool, "%y", m}, one);
    add("max_pool_index" + name, {"%x: " + x, pool, "%y, %i", m + ", " + i}, one);
    const std::string mean = value(to, 0.2, 60);
    for (const std::string counts : {"true", "false"})
      add("avg_pool" + name + counts,
          {"%x: " + x,
           "%y = weir.avg_pool2d %x {kernel = array<i64: " + size + ">, count_include_pad = " +
               counts + ", " + window + " : (" + x + ") -> " + mean + "\n",
           "%y", mean},
          one);
    const Shape flat{image[0], channels};
    const std::string g = value(flat, 0.1, 9);
    add("global" + name,
        {"%x: " + x, "%y = weir.global_avg_pool2d %x : (" + x + ") -> " + g + "\n", "%y", g}, one);
    for (const int64_t multiplier : {1, 2}) {
      if (multiplier == 2 && channels > 33)
        continue;
      const int64_t outputs = channels * multiplier;
      const Shape wide{image[0], rows, columns, outputs};
      const std::string w = weights({kernel, kernel, outputs}), b = products({outputs}),
                        s = products(wide), y = relu6(wide);
      add("depthwise" + name + "_" + std::to_string(multiplier),
          {"%x: " + x + ", %w: " + w + ", %b: " + b,
           "%s = weir.depthwise_conv2d %x, %w, %b {kernel = array<i64: " + size +
               ">, multiplier = " + std::to_string(multiplier) + " : i64, " + window + " : (" + x +
               ", " + w + ", " + b + ") -> " + s + "\n%y = weir.requantize %s : " + s + " -> " + y +
               "\n",
           "%y", y},
          {bytes(image, 2), signedBytes({kernel, kernel, outputs}, 3),
           integers({outputs}, 4, -50000, 50000)});
      if (multiplier == 1)
        add("depthwise_sums" + name,
            {"%x: " + x + ", %w: " + w,
             "%s = weir.depthwise_conv2d %x, %w {kernel = array<i64: " + size +
                 ">, use_bias = false, " + window + " : (" + x + ", " + w + ") -> " + s + "\n",
             "%s", s},
            {bytes(image, 5), signedBytes({kernel, kernel, outputs}, 6)});
    }
  }
  checkAll();
}

/// Values that only move: alone, where whole boxes are copied, and in a group with others.
TEST_P(Quantized, Moves) {
  const Shape left{2, 5, 6, 24}, right{2, 5, 6, 40}, both{2, 5, 6, 64};
  const std::string a = value(left), b = value(right), c = value(both);
  const std::string concat =
      "%c = weir.concat %a, %b {axis = -1 : i64} : (" + a + ", " + b + ") -> " + c + "\n";
  add("concat", {"%a: " + a + ", %b: " + b, concat, "%c", c}, {bytes(left, 1), bytes(right, 2)});
  const std::string y = relu6(both);
  add("concat_requantize",
      {"%a: " + a + ", %b: " + b, concat + "%y = weir.requantize %c : " + c + " -> " + y + "\n",
       "%y", y},
      {bytes(left, 1), bytes(right, 2)});
  const std::string part = value({2, 5, 6, 10});
  add("slice",
      {"%a: " + a,
       "%y = weir.slice %a {axis = -1 : i64, begin = 9 : i64, end = 19 : i64} : (" + a + ") -> " +
           part + "\n",
       "%y", part},
      {bytes(left, 3)});
  const std::string padded = value({2, 7, 9, 24});
  add("pad",
      {"%a: " + a,
       "%y = weir.pad %a {padding = array<i64: 1, 1, 2, 1>} : (" + a + ") -> " + padded + "\n",
       "%y", padded},
      {bytes(left, 4)});
  const std::string flat = value({2, 720});
  add("view", {"%a: " + a, "%y = weir.view %a : " + a + " -> " + flat + "\n", "%y", flat},
      {bytes(left, 5)});
  checkAll();
}

/// What each instruction set is there for.
TEST(QuantizedInstructions, ProductsAreSummedByTheWidestInstruction) {
  for (const auto &[target, instruction] :
       {std::pair("x86-64", "pmaddwd"), std::pair("x86-64-v3", "vpmaddwd"),
        std::pair("x86-64-v4", "vpmaddwd"), std::pair("x86-64-v4-vnni", "vpdpbusd"),
        std::pair("x86-64-v4-amx", "tdpbusd")}) {
    SCOPED_TRACE(target);
    const int64_t group = weir::findTarget(target)->dotTerms;
    const std::string x = value({8, 64}), w = tensorType({64 / group, 32, group}, "i8"),
                      b = tensorType({32}, "i32"), s = sums({8, 32});
    Kernels kernels;
    kernels.wantText = true;
    kernels.add("product", {"%x: " + x + ", %w: " + w + ", %b: " + b,
                            "%s = weir.packed_dense %x, %w, %b : (" + x + ", " + w + ", " + b +
                                ") -> " + s + "\n",
                            "%s", s});
    ASSERT_NO_FATAL_FAILURE(kernels.compile(target));
    const std::string &assembly = kernels.compiled()[0].assembly;
    EXPECT_NE(assembly.find(instruction), std::string::npos);
    EXPECT_EQ(assembly.find("pmaddubsw"), std::string::npos); // saturates
  }
}

std::string nameOf(const testing::TestParamInfo<std::string> &info) {
  std::string name = info.param;
  llvm::replace(name, '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(, Quantized, testing::ValuesIn(runnableTargets()), nameOf);
INSTANTIATE_TEST_SUITE_P(, QuantizedProducts, testing::ValuesIn(targetsOfProducts()), nameOf);

} // namespace
