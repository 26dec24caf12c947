//===- WindowProductTest.cpp - products that read images through windows ---------------------===//

#include "Product.h"
#include "TileEmulator.h"

#include <gtest/gtest.h>

using namespace weir::test;

namespace {

/// Images, windows on them, and the columns of the product.
struct Geometry {
  Shape image;
  int64_t height, width, stride, dilation;
  std::vector<int64_t> padding; // top, bottom, left, right
  int64_t columns;

  int64_t outputs(size_t axis) const {
    const int64_t kernel = axis == 0 ? height : width;
    const int64_t room =
        image[1 + axis] + padding[2 * axis] + padding[2 * axis + 1] - dilation * (kernel - 1) - 1;
    return room / stride + 1;
  }
  Shape windows() const { return {image[0], outputs(0), outputs(1), height, width, image[3]}; }
  int64_t rows() const { return image[0] * outputs(0) * outputs(1); }
  int64_t depth() const { return height * width * image[3]; }
  /// `%m`, of type `m`: the windows of %x as rows of a matrix.
  std::string rowsOf(const std::string &x, const std::string &p, const std::string &m) const {
    const auto list = [](const std::vector<int64_t> &values) {
      std::string text;
      for (const int64_t value : values)
        text += (text.empty() ? "" : ", ") + std::to_string(value);
      return "array<i64: " + text + ">";
    };
    return "%p = weir.patches %x {kernel = " + list({height, width}) +
           ", stride = " + list({stride}) + ", dilation = " + list({dilation}) +
           ", padding = " + list(padding) + "} : (" + x + ") -> " + p +
           "\n%m = weir.view %p : " + p + " -> " + m + "\n";
  }
};

/// Rows of 13, 7, 3 and 1 positions, several images to a tile, prime widths; channels 1, 3, 16, 17;
/// strides, borders on one side only, dilation, windows of a row or a column. Lines of 31, 23 and
/// 59 positions, whose tiles are pieces of them.
const Geometry geometries[] = {
    {{1, 13, 13, 16}, 3, 3, 1, 1, {1, 1, 1, 1}, 64},
    {{4, 3, 3, 32}, 3, 3, 1, 1, {1, 1, 1, 1}, 40},
    {{2, 14, 15, 1}, 3, 3, 2, 1, {0, 0, 0, 0}, 17},
    {{1, 23, 19, 3}, 3, 3, 2, 1, {0, 1, 0, 1}, 64},
    {{3, 9, 9, 17}, 3, 3, 1, 2, {2, 2, 2, 2}, 20},
    {{2, 6, 7, 16}, 1, 3, 1, 1, {0, 0, 1, 1}, 33},
    {{2, 7, 6, 16}, 3, 1, 1, 1, {1, 0, 0, 0}, 10},
    {{1, 5, 37, 8}, 3, 3, 1, 1, {1, 1, 1, 1}, 48},
    {{5, 3, 3, 4}, 3, 3, 1, 1, {0, 0, 0, 0}, 7},
    {{2, 12, 12, 20}, 5, 5, 1, 1, {2, 2, 2, 2}, 16},
    {{8, 26, 26, 16}, 3, 3, 1, 1, {1, 1, 1, 1}, 32},
    {{1, 67, 67, 3}, 7, 7, 2, 1, {0, 0, 0, 0}, 96},
    {{2, 19, 25, 4}, 3, 3, 1, 1, {0, 0, 0, 0}, 20},
    {{2, 31, 59, 8}, 3, 3, 1, 1, {1, 1, 1, 1}, 32},
};

} // namespace

TEST(WindowProduct, ForwardWithWhatIsBehindIt) {
  Kernels kernels;
  std::vector<std::vector<Tensor>> operands;
  for (const Geometry &g : geometries) {
    const std::string x = tensorType(g.image), m = tensorType({g.rows(), g.depth()}),
                      w = tensorType({g.depth(), g.columns}), b = tensorType({g.columns}),
                      y = tensorType({g.rows(), g.columns});
    kernels.add("forward" + std::to_string(operands.size()),
                {"%x: " + x + ", %w: " + w + ", %b: " + b,
                 g.rowsOf(x, tensorType(g.windows()), m) + "%s = weir.dense %m, %w, %b {units = " +
                     std::to_string(g.columns) + " : i64} : (" + m + ", " + w + ", " + b + ") -> " +
                     y + "\n%y = weir.relu %s : " + y + "\n",
                 "%y", y});
    operands.push_back({randomTensor(g.image, 1), randomTensor({g.depth(), g.columns}, 2),
                        randomTensor({g.columns}, 3)});
  }
  kernels.compile();
  for (size_t i = 0; i < operands.size(); ++i)
    kernels.check("forward" + std::to_string(i), operands[i], 1e-4, 1e-4);
}

TEST(WindowProduct, WeightGradientWithItsUpdate) {
  Kernels kernels;
  std::vector<std::vector<Tensor>> operands;
  for (const Geometry &g : geometries) {
    const std::string x = tensorType(g.image), m = tensorType({g.rows(), g.depth()}),
                      w = tensorType({g.depth(), g.columns}),
                      dy = tensorType({g.rows(), g.columns});
    kernels.add("gradient" + std::to_string(operands.size()),
                {"%x: " + x + ", %dy: " + dy + ", %w: " + w + ", %v: " + w + ", %rate: tensor<f32>",
                 g.rowsOf(x, tensorType(g.windows()), m) +
                     "%g = weir.dense_weight_grad %m, %dy : (" + m + ", " + dy + ") -> " + w +
                     "\n%new, %state = weir.sgd %w, %g, %rate, %v {momentum = 0.9 : f64} : (" + w +
                     ", " + w + ", tensor<f32>, " + w + ") -> (" + w + ", " + w + ")\n",
                 "%new, %state", w + ", " + w});
    operands.push_back({randomTensor(g.image, 1), randomTensor({g.rows(), g.columns}, 2),
                        randomTensor({g.depth(), g.columns}, 3),
                        randomTensor({g.depth(), g.columns}, 4), randomTensor({}, 5, 0.001, 0.01)});
  }
  kernels.compile();
  for (size_t i = 0; i < operands.size(); ++i)
    kernels.check("gradient" + std::to_string(i), operands[i], 1e-3, 1e-4, {2, 3});
}

/// What a tuner may find: tiles of one image's row, of several, of several images; blocks of terms.
TEST(WindowProduct, EverySchedule) {
  const Geometry &g = geometries[1]; // 36 rows of 3 x 3 positions, 288 terms
  const std::string x = tensorType(g.image), m = tensorType({g.rows(), g.depth()}),
                    w = tensorType({g.depth(), g.columns}), y = tensorType({g.rows(), g.columns});
  for (const int tileRows : {1, 3, 9})
    for (const int depthBlock : {0, 32, 96}) {
      Kernels kernels;
      kernels.add("forward",
                  {"%x: " + x + ", %w: " + w,
                   g.rowsOf(x, tensorType(g.windows()), m) +
                       "%y = weir.dense %m, %w {units = " + std::to_string(g.columns) +
                       " : i64, use_bias = false} : (" + m + ", " + w + ") -> " + y + "\n",
                   "%y", y});
      weir::Schedule schedule;
      schedule.vectorWidth = 4;
      schedule.tileVectors = 1;
      schedule.tileRows = tileRows;
      schedule.depthBlock = depthBlock;
      schedule.depthUnroll = 2;
      kernels.compile("x86-64-v2", &schedule);
      kernels.check("forward", {randomTensor(g.image, 1), randomTensor({g.depth(), g.columns}, 2)},
                    1e-4, 1e-4);
    }
}

/// Pieces of lines of 23 positions, 17 of them in each of two images: sums that are dropped are not
/// stored, for the result lies over an operand; nothing beyond the image is read; tasks of 1, 3 and
/// 10 lines, of 34.
TEST(WindowProduct, PiecesOfLines) {
  const Geometry &g = geometries[12];
  ASSERT_EQ(g.outputs(1), 23);
  const std::string x = tensorType(g.image), m = tensorType({g.rows(), g.depth()}),
                    w = tensorType({g.depth(), g.columns}), y = tensorType({g.rows(), g.columns});
  for (const auto &[target, text] :
       {std::pair("x86-64-v2", "v4n2m5"), std::pair("x86-64-v3", "v8n3m4p23"),
        std::pair("x86-64-v3", "v8n1m13o1p69"), std::pair("x86-64-v4", "v16n2m11p230"),
        std::pair("x86-64-v4", "v16n1m22")}) {
    if (!weir::lackingHere(llvm::cantFail(weir::findTarget(target))).empty())
      continue;
    SCOPED_TRACE(text);
    Kernels kernels;
    kernels.add("sum", {"%x: " + x + ", %w: " + w + ", %r: " + y,
                        g.rowsOf(x, tensorType(g.windows()), m) +
                            "%s = weir.dense %m, %w {units = " + std::to_string(g.columns) +
                            " : i64, use_bias = false} : (" + m + ", " + w + ") -> " + y +
                            "\n%t = weir.add %s, %r : (" + y + ", " + y + ") -> " + y +
                            "\n%y = weir.relu %t : " + y + "\n",
                        "%y", y});
    const weir::Schedule schedule = *weir::Schedule::parse(text);
    kernels.compile(target, &schedule);
    ASSERT_FALSE(HasFatalFailure());
    kernels.check("sum",
                  {randomTensor(g.image, 1), randomTensor({g.depth(), g.columns}, 2),
                   randomTensor({g.rows(), g.columns}, 3)},
                  1e-4, 1e-4, {2});
  }
}

TEST(WindowProduct, SchedulesAreBoxes) {
  weir::MatrixExtents extents{36, 40, 288, 0, {3, 3, 4}, {32, 3, 3}};
  const auto target = llvm::cantFail(weir::findTarget("x86-64-v4"));
  const weir::LoopFacts facts = weir::matrixFacts(extents, target, weir::LargeOperand::Right);
  const auto ruleBrokenBy = [&](int tileRows, int depthBlock) {
    weir::Schedule schedule;
    schedule.vectorWidth = 16;
    schedule.tileRows = tileRows;
    schedule.depthBlock = depthBlock;
    return llvm::toString(weir::checkSchedule(schedule, facts, target));
  };
  EXPECT_EQ(ruleBrokenBy(9, 0), "");
  EXPECT_EQ(ruleBrokenBy(18, 96), "");
  EXPECT_NE(ruleBrokenBy(2, 0).find("are boxes"), std::string::npos);
  EXPECT_NE(ruleBrokenBy(9, 48).find("are boxes"), std::string::npos);
}

TEST(WindowProduct, SchedulesAreBoxesOrPiecesOfLines) {
  const auto target = llvm::cantFail(weir::findTarget("x86-64-v4"));
  const weir::LoopFacts facts =
      weir::matrixFacts({109 * 109, 96, 147, 0, {109, 109, 1}, {3, 7, 7}, /*lines=*/true}, target,
                        weir::LargeOperand::Right);
  EXPECT_GT(facts.chosen.tileRows, 8);
  EXPECT_GT(facts.chosen.taskRows, 0);
  EXPECT_EQ(facts.chosen.taskRows % 109, 0);
  const auto ruleBrokenBy = [&](const char *text) {
    return llvm::toString(weir::checkSchedule(*weir::Schedule::parse(text), facts, target));
  };
  EXPECT_EQ(ruleBrokenBy("v16n2m14p763"), "");
  EXPECT_NE(ruleBrokenBy("v16n2m14p700").find("whole tiles ('m') or lines"), std::string::npos);
  EXPECT_NE(ruleBrokenBy("v16n2m14k21").find("whole sums"), std::string::npos);
  EXPECT_NE(ruleBrokenBy("v16m110").find("pieces of a line"), std::string::npos);
}

/// Bit for bit, on every instruction set: four channels to an instruction and not, widened, tiles.
class WindowProductOfBytes : public testing::TestWithParam<const char *> {};

TEST_P(WindowProductOfBytes, EqualsTheReference) {
  const auto target = llvm::cantFail(weir::findTarget(GetParam()));
  if (target.tiles ? !provideTiles() : !weir::lackingHere(target).empty())
    GTEST_SKIP() << "this machine cannot run it";
  Kernels kernels;
  std::vector<std::vector<Tensor>> operands;
  for (const Geometry &g : geometries) {
    const Product product({g.rows(), g.depth(), g.columns}, target.dotTerms);
    const std::string x = value(g.image), m = value({g.rows(), g.depth()});
    std::string body = product.body;
    for (size_t at; (at = body.find("%x,")) != std::string::npos;)
      body.replace(at, 2, "%m");
    kernels.add("product" + std::to_string(operands.size()),
                {"%x: " + x + product.declared.substr(product.declared.find(", %w")),
                 g.rowsOf(x, value(g.windows()), m) + body +
                     "%y = weir.requantize %s : " + product.sum() + " -> " + product.byte() + "\n",
                 "%y", product.byte()});
    operands.push_back({bytes(g.image, 3), product.operands[1], product.operands[2]});
  }
  kernels.compile(GetParam());
  for (size_t i = 0; i < operands.size(); ++i)
    kernels.check("product" + std::to_string(i), operands[i], 0, 0);
}

INSTANTIATE_TEST_SUITE_P(, WindowProductOfBytes,
                         testing::Values("x86-64", "x86-64-v3", "x86-64-v4-vnni", "x86-64-v4-amx"),
                         [](const testing::TestParamInfo<const char *> &info) {
                           std::string name = info.param;
                           llvm::replace(name, '-', '_');
                           return name;
                         });
