//===- ColumnSumsTest.cpp - sums over all rows, taken where the rows are stored ---------------===//

#include "Harness.h"

#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;

namespace {

using Shape = std::vector<int64_t>;

std::string statistics(const std::string &y, const std::string &c) {
  return "%mean, %var = weir.batch_stats %y : (" + y + ") -> (" + c + ", " + c +
         ")\n%average = weir.running_average %old, %mean {correction = 1.0, momentum = 1.0e-01} "
         ": " +
         c + "\n";
}

/// A product with the statistics of its columns.
struct Statistics {
  Kernels kernels;
  std::vector<std::vector<Tensor>> operands;

  void addDense(const Shape &sizes, double low, double high, bool behindRelu = false) {
    const int64_t rows = sizes[0], depth = sizes[1], columns = sizes[2];
    const std::string x = tensorType({rows, depth}), w = tensorType({depth, columns}),
                      y = tensorType({rows, columns}), c = tensorType({columns});
    const std::string product = "weir.dense %x, %w {units = " + std::to_string(columns) +
                                " : i64} : (" + x + ", " + w + ") -> " + y + "\n";
    add({"%x: " + x + ", %w: " + w + ", %old: " + c,
         (behindRelu ? "%p = " + product + "%y = weir.relu %p : " + y + "\n" : "%y = " + product) +
             statistics(y, c),
         "%y, %mean, %var, %average", y + ", " + c + ", " + c + ", " + c},
        {randomTensor({rows, depth}, 1, low, high), randomTensor({depth, columns}, 2, low, high),
         randomTensor({columns}, 3)});
  }
  void add(const Kernels::Group &group, const std::vector<Tensor> &values) {
    kernels.add("sums" + std::to_string(operands.size()), group);
    operands.push_back(values);
  }
  void check(double absolute, double relative) {
    kernels.compile();
    if (testing::Test::HasFatalFailure())
      return;
    for (size_t i = 0; i < operands.size(); ++i)
      kernels.check("sums" + std::to_string(i), operands[i], absolute, relative);
  }
};

/// One task and many, whole tiles and pieces, whole vectors and a few columns.
const Shape products[] = {{5, 7, 10},   {64, 16, 96},    {392, 24, 144}, {1000, 3, 17},
                          {6272, 8, 3}, {3136, 16, 200}, {97, 33, 1},    {2500, 19, 40}};

} // namespace

TEST(ColumnSums, StatisticsOfAProduct) {
  Statistics all;
  for (const Shape &sizes : products) {
    all.addDense(sizes, -1, 1);
    all.addDense(sizes, -1, 1, /*behindRelu=*/true);
  }
  all.check(1e-4, 1e-4);
}

// All values are about 5 * 10^4: squares would lose the variance, which is below 2 * 10^4 (of each
// value the seventh digit is lost in the product already).
TEST(ColumnSums, StatisticsOfLargeValues) {
  Statistics all;
  all.addDense({1000, 8, 40}, 79, 81);
  all.addDense({392, 8, 16}, 79, 81);
  all.check(0.02, 1e-4);
}

TEST(ColumnSums, StatisticsOfWindows) {
  Statistics all;
  // Boxes of positions, and pieces of lines.
  for (const Shape &image : {Shape{4, 14, 14, 3}, Shape{2, 31, 59, 8}, Shape{1, 16, 16, 16}}) {
    const int64_t rows = image[0] * image[1] * image[2], depth = 9 * image[3], columns = 32;
    const std::string x = tensorType(image), w = tensorType({depth, columns}),
                      p = tensorType({image[0], image[1], image[2], 3, 3, image[3]}),
                      m = tensorType({rows, depth}), y = tensorType({rows, columns}),
                      c = tensorType({columns});
    all.add(
        {"%x: " + x + ", %w: " + w + ", %old: " + c,
         "%p = weir.patches %x {kernel = array<i64: 3, 3>, stride = array<i64: 1>, dilation = "
         "array<i64: 1>, padding = array<i64: 1, 1, 1, 1>} : (" +
             x + ") -> " + p + "\n%m = weir.view %p : " + p + " -> " + m +
             "\n%y = weir.dense %m, %w {units = 32 : i64} : (" + m + ", " + w + ") -> " + y + "\n" +
             statistics(y, c),
         "%y, %mean, %var, %average", y + ", " + c + ", " + c + ", " + c},
        {randomTensor(image, 1), randomTensor({depth, columns}, 2), randomTensor({columns}, 3)});
  }
  all.check(1e-4, 1e-4);
}

// What no result of the group holds is summed up in a walk of its own.
TEST(ColumnSums, OfAValueThatIsNotStored) {
  Statistics all;
  const std::string x = tensorType({40, 24}), c = tensorType({24});
  all.add({"%x: " + x + ", %old: " + c, "%y = weir.relu %x : " + x + "\n" + statistics(x, c),
           "%mean, %var, %average", c + ", " + c + ", " + c},
          {randomTensor({40, 24}, 1), randomTensor({24}, 2)});
  all.check(1e-5, 1e-5);
}
