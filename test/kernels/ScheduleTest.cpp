//===- ScheduleTest.cpp - schedules as values; kernels by other schedules than the model's ----===//

#include "Harness.h"
#include "kernels/Candidates.h"

#include <gtest/gtest.h>
#include <random>
#include <set>

using namespace weir;
using namespace weir::test;

namespace {

const KernelTarget &avx512() {
  static const KernelTarget target = *findTarget("x86-64-v4");
  return target;
}

/// Loops of every template, of sizes that divide well and badly.
std::vector<LoopFacts> someLoops() {
  std::vector<LoopFacts> all;
  std::mt19937 random(1);
  const auto draw = [&](int most) { return 1 + static_cast<int>(random() % most); };
  for (int i = 0; i < 40; ++i) {
    const MatrixExtents extents{draw(300), draw(64), draw(400)};
    const MatrixExtents even{16 * draw(20), 4 * draw(20), 16 * draw(20)};
    for (const MatrixExtents &e : {extents, even}) {
      all.push_back(matrixFacts(e, avx512(), LargeOperand::Right));
      all.push_back(matrixFacts(e, avx512(), LargeOperand::Both));
      all.push_back(transposedFacts(e, avx512()));
    }
    all.push_back(plainFacts({draw(300), draw(60)}, 0, 0, avx512()));
    all.push_back(plainFacts({draw(300)}, 0, draw(1000), avx512()));
    all.push_back(plainFacts({draw(300), draw(30), draw(30), draw(32)}, 2, 0, avx512()));
    all.push_back(plainFacts({draw(300), 3, 3}, 2, draw(5000), avx512()));
    all.push_back(lanesFacts(draw(300), 16, 1'000'000, avx512()));
    all.push_back(copyFacts(draw(5000), draw(30), draw(32), avx512()));
  }
  all.push_back(plainFacts({}, 0, 0, avx512()));
  return all;
}

bool fits(const Schedule &schedule, const LoopFacts &facts) {
  llvm::Error error = checkSchedule(schedule, facts, avx512());
  const bool good = !error;
  llvm::consumeError(std::move(error));
  return good;
}

std::string refusal(const std::string &text) {
  auto schedule = Schedule::parse(text);
  return schedule ? "" : llvm::toString(schedule.takeError());
}

} // namespace

TEST(Schedule, TextAndBack) {
  const Schedule schedule = *Schedule::parse("v16n5m4k56u2p16");
  EXPECT_EQ(schedule.tileVectors, 5);
  EXPECT_EQ(schedule.taskRows, 16);
  EXPECT_EQ(schedule.text(), "v16n5m4k56u2p16");
  EXPECT_EQ(Schedule().text(), "v4");
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    Schedule drawn;
    for (const ScheduleField &field : scheduleFields())
      drawn.*field.number = static_cast<int>(random() % 100);
    auto back = Schedule::parse(drawn.text());
    ASSERT_TRUE(bool(back)) << drawn.text();
    EXPECT_EQ(*back, drawn);
  }
}

TEST(Schedule, LongSumsOfFewWeightsAreSharedByTerms) {
  const auto chosen = [](int64_t rows, int64_t columns, int64_t depth) {
    return matrixFacts({rows, columns, depth}, avx512(), LargeOperand::Both).chosen;
  };
  EXPECT_EQ(chosen(16, 96, 100'352).parts, 16);
  EXPECT_EQ(chosen(32, 16, 100'352).taskRows, 0);
  EXPECT_EQ(chosen(784, 80, 32).parts, 1);   // few terms
  EXPECT_EQ(chosen(576, 96, 1568).parts, 1); // sums that leave L1
  EXPECT_GT(chosen(576, 96, 1568).taskRows, 0);
}

TEST(Schedule, BadTextsAreRefused) {
  EXPECT_EQ(refusal(""), "schedule '' has no vector's width ('v')");
  EXPECT_EQ(refusal("v16q3"), "schedule 'v16q3' has no number called 'q'");
  EXPECT_EQ(refusal("v16n"), "schedule 'v16n' expects a number behind 'n'");
  EXPECT_EQ(refusal("v16n2n3"), "schedule 'v16n2n3' has 'n' twice");
  EXPECT_EQ(refusal("n2"), "schedule 'n2' has no vector's width ('v')");
  EXPECT_EQ(refusal("v16n99999999999"), "schedule 'v16n99999999999' expects a number behind 'n'");
  EXPECT_NE(refusal("v16 n3"), "");
  EXPECT_NE(refusal("v-16"), "");
}

TEST(Schedule, ModelsAndCandidatesKeepTheRules) {
  size_t candidates = 0;
  for (const LoopFacts &facts : someLoops())
    for (unsigned threads : {1u, 2u, 8u}) {
      SCOPED_TRACE(facts.text());
      EXPECT_TRUE(fits(facts.chosen, facts)) << facts.chosen.text();
      std::set<std::string> texts;
      double last = 0;
      for (const Schedule &s : enumerateSchedules(facts, avx512(), threads, 50)) {
        EXPECT_TRUE(fits(s, facts)) << s.text();
        EXPECT_NE(s, facts.chosen);
        EXPECT_TRUE(texts.insert(s.text()).second) << s.text() << " twice";
        EXPECT_GE(estimateCycles(s, facts, avx512(), threads), last);
        last = estimateCycles(s, facts, avx512(), threads);
      }
      candidates += texts.size();
      EXPECT_LE(texts.size(), 50u);
      for (const Schedule &s : neighbours(facts.chosen, facts, avx512(), threads)) {
        EXPECT_TRUE(fits(s, facts)) << s.text();
        EXPECT_NE(s, facts.chosen);
      }
    }
  EXPECT_GT(candidates, 5000u);
}

TEST(Schedule, WeightsThatLeaveL1AreReadByTallTiles) {
  const auto chosen = [](int64_t rows, int64_t depth, int64_t columns) {
    return matrixFacts({rows, columns, depth}, avx512(), LargeOperand::Right).chosen;
  };
  EXPECT_GE(chosen(729, 576, 256).tileRows, 9);
  EXPECT_EQ(chosen(4, 576, 256).tileRows, 4);
  // Whole rows follow each other.
  EXPECT_EQ(chosen(2916, 144, 64).tileVectors, 4);
  // Neither blocks nor all columns for each tile of rows, but for flat tiles and few sums.
  EXPECT_EQ(chosen(49, 960, 160).depthBlock, 0);
  EXPECT_EQ(chosen(196, 96, 576).columnsInside, 0);
  EXPECT_EQ(chosen(3136, 24, 144).columnsInside, 1);
  EXPECT_EQ(chosen(32, 784, 80).text(), "v16n5m4k56u2p16");
}

TEST(Schedule, RowsOfAGradientAreWrittenOutByItsStride) {
  const auto writtenOut = [](int row, int64_t phases) {
    return plainFacts({96, row, 14, 5}, 1, 0, avx512(), phases).chosen.depthUnroll;
  };
  EXPECT_EQ(writtenOut(14, 2), 14);
  EXPECT_EQ(writtenOut(13, 2), 13);
  EXPECT_EQ(writtenOut(56, 2), 14);
  EXPECT_EQ(writtenOut(112, 2), 16);
  EXPECT_EQ(writtenOut(57, 3), 3);
  EXPECT_EQ(writtenOut(51, 2), 1);
  EXPECT_EQ(writtenOut(14, 1), 1);
}

TEST(Schedule, TransferFits) {
  const std::vector<LoopFacts> loops = someLoops();
  size_t transferred = 0;
  for (const LoopFacts &from : loops)
    for (const LoopFacts &to : loops)
      if (auto s = transferSchedule(from.chosen, from, to, avx512())) {
        EXPECT_TRUE(fits(*s, to)) << s->text() << " for " << to.text();
        EXPECT_EQ(from.kind, to.kind);
        ++transferred;
      }
  EXPECT_GT(transferred, 1000u);
  // To the same loops it is the same schedule.
  for (const LoopFacts &facts : loops)
    if (facts.kind != LoopFacts::Template::None)
      for (const Schedule &s : enumerateSchedules(facts, avx512(), 2, 5))
        EXPECT_EQ(transferSchedule(s, facts, facts, avx512()), s) << facts.text();
}

TEST(Schedule, RulesAreNamed) {
  const LoopFacts facts = matrixFacts({32, 80, 784}, avx512(), LargeOperand::Right);
  const auto refusalOf = [&](const char *text) {
    llvm::Error error = checkSchedule(*Schedule::parse(text), facts, avx512());
    return error ? llvm::toString(std::move(error)) : "";
  };
  EXPECT_EQ(facts.text(), "matrix 80x32x784");
  EXPECT_EQ(refusalOf("v16n5m4k56u2"), "");
  EXPECT_EQ(refusalOf("v16n5m3"), ""); // whose last tile has two rows
  EXPECT_EQ(refusalOf("v16n5m4p12"), "");
  EXPECT_EQ(refusalOf("v16m33"), "schedule 'v16m33' does not fit 'matrix 80x32x784': a tile ('m') "
                                 "has no more rows than there are");
  for (const char *text : {"v16n6m4", "v16n5m8", "v16n5m4k57", "v16n5m4u3", "v32", "v3", "v16l4",
                           "v16m4p5", "v16m4p32", "v16n0", "v16o2", "v16u0"})
    EXPECT_NE(refusalOf(text), "") << text;
}

// Every template by schedules that the tuner would try, against the reference semantics.
namespace {

struct Case {
  Kernels::Group group;
  std::vector<reference::Tensor> operands;
  LoopFacts::Template kind;
};

void checkCandidates(const Case &test, size_t most, double absolute) {
  LoopFacts facts;
  {
    Kernels kernels;
    kernels.add("group", test.group);
    kernels.compile();
    ASSERT_FALSE(testing::Test::HasFatalFailure());
    facts = kernels.loops("group");
  }
  ASSERT_EQ(facts.kind, test.kind) << facts.text();
  const KernelTarget host = *findTarget("host");
  // Every step away from the model's choice matters more than the best of the model.
  std::vector<Schedule> schedules = neighbours(facts.chosen, facts, host, 2);
  std::mt19937 random(1);
  std::shuffle(schedules.begin(), schedules.end(), random);
  const std::vector<Schedule> best = enumerateSchedules(facts, host, 2, 2);
  schedules.insert(schedules.begin(), best.begin(), best.end());
  ASSERT_FALSE(schedules.empty());
  schedules.resize(std::min(schedules.size(), most));
  for (const Schedule &schedule : schedules) {
    SCOPED_TRACE(schedule.text() + " for " + facts.text());
    Kernels kernels;
    kernels.add("group", test.group);
    kernels.compile("host", &schedule);
    ASSERT_FALSE(testing::Test::HasFatalFailure());
    kernels.check("group", test.operands, absolute, 1e-5);
  }
}

} // namespace

TEST(Schedule, DenseByOthers) {
  checkCandidates({{"%x: tensor<12x96xf32>, %w: tensor<96x40xf32>",
                    "%y = weir.dense %x, %w {units = 40} : (tensor<12x96xf32>, "
                    "tensor<96x40xf32>) -> tensor<12x40xf32>\n"
                    "%z = weir.relu %y : tensor<12x40xf32>\n",
                    "%z", "tensor<12x40xf32>"},
                   {randomTensor({12, 96}, 1), randomTensor({96, 40}, 2)},
                   LoopFacts::Template::Matrix},
                  4, 1e-5);
}

// Tiles that reach over the end of rows of whole vectors: nothing there is read.
TEST(Schedule, TilesDoNotDivideTheRow) {
  for (const char *text : {"v4n3m2", "v4n2m2u2", "v4n4"}) {
    const Schedule schedule = *Schedule::parse(text);
    Kernels kernels;
    kernels.add("group",
                {"%x: tensor<4x6xf32>, %w: tensor<6x20xf32>, %b: tensor<4x20xf32>",
                 "%y = weir.dense %x, %w {units = 20} : (tensor<4x6xf32>, "
                 "tensor<6x20xf32>) -> tensor<4x20xf32>\n"
                 "%z = weir.add %y, %b : (tensor<4x20xf32>, tensor<4x20xf32>) -> tensor<4x20xf32>\n"
                 "%u = weir.gelu %z : tensor<4x20xf32>\n",
                 "%u", "tensor<4x20xf32>"});
    kernels.compile("x86-64", &schedule);
    ASSERT_FALSE(HasFatalFailure());
    kernels.check("group",
                  {randomTensor({4, 6}, 1), randomTensor({6, 20}, 2), randomTensor({4, 20}, 3)},
                  1e-5, 1e-5);
  }
}

TEST(Schedule, TransposedByOthers) {
  checkCandidates({{"%dy: tensor<4x32xf32>, %w: tensor<40x32xf32>",
                    "%y = weir.dense_input_grad %dy, %w : (tensor<4x32xf32>, "
                    "tensor<40x32xf32>) -> tensor<4x40xf32>\n",
                    "%y", "tensor<4x40xf32>"},
                   {randomTensor({4, 32}, 1), randomTensor({40, 32}, 2)},
                   LoopFacts::Template::Transposed},
                  4, 1e-5);
}

TEST(Schedule, DepthwiseByOthers) {
  checkCandidates(
      {{"%x: tensor<2x6x6x40xf32>, %w: tensor<3x3x40xf32>",
        "%y = weir.depthwise_conv2d %x, %w {kernel = array<i64: 3>, stride = array<i64: 1>, "
        "padding = array<i64: 1, 1, 1, 1>} : (tensor<2x6x6x40xf32>, tensor<3x3x40xf32>) -> "
        "tensor<2x6x6x40xf32>\n",
        "%y", "tensor<2x6x6x40xf32>"},
       {randomTensor({2, 6, 6, 40}, 1), randomTensor({3, 3, 40}, 2)},
       LoopFacts::Template::Plain},
      4, 1e-5);
}

TEST(Schedule, SumsByOthers) {
  checkCandidates(
      {{"%x: tensor<600x96xf32>", "%y = weir.sum_to %x : tensor<600x96xf32> -> tensor<96xf32>\n",
        "%y", "tensor<96xf32>"},
       {randomTensor({600, 96}, 1)},
       LoopFacts::Template::Lanes},
      4, 1e-4);
}

TEST(Schedule, CopiesByOthers) {
  checkCandidates({{"%x: tensor<6x5x5x20xf32>, %y: tensor<6x5x5x12xf32>",
                    "%z = weir.concat %x, %y {axis = -1 : i64} : (tensor<6x5x5x20xf32>, "
                    "tensor<6x5x5x12xf32>) -> tensor<6x5x5x32xf32>\n",
                    "%z", "tensor<6x5x5x32xf32>"},
                   {randomTensor({6, 5, 5, 20}, 1), randomTensor({6, 5, 5, 12}, 2)},
                   LoopFacts::Template::Copy},
                  4, 0);
}
