//===- RandomTest.cpp - dropout's random numbers: known answers, statistics ------------------===//

#include "Helpers.h"

#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>

using namespace weir;
using weir::reference::Machine;
using weir::reference::Tensor;
using weir::reference::threefry;

namespace {

/// The vectors of Random123 1.09's kat_vectors for threefry2x32 with 13 rounds: all zero, all one,
/// digits of pi.
TEST(Threefry, KnownAnswers) {
  EXPECT_EQ(threefry(0, 0, 0, 0), 0x9d1c5ec6u);
  EXPECT_EQ(threefry(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), 0xfd36d048u);
  EXPECT_EQ(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3), 0xba3e4725u);
}

constexpr int64_t count = 100000;

struct Counter {
  double low = 1, high = 2, step = 3;
};

/// Which of `size` ones survive.
std::vector<bool> mask(double rate, int64_t stream, Counter counter = {}, int64_t size = count) {
  std::string type = llvm::formatv("tensor<{0}xf32>", size);
  test::Module text(
      llvm::formatv("func.func @f(%x: {0}, %c: tensor<3xi32>) -> {0} {{\n"
                    "  %0 = weir.dropout %x, %c {{rate = {1}, stream = {2} : i64} : ({0}, "
                    "tensor<3xi32>) -> {0}\n  return %0 : {0}\n}",
                    type, llvm::formatv("{0:F6}", rate).str(), stream)
          .str());
  Tensor ones(mlir::ArrayRef<int64_t>{size}), words(mlir::ArrayRef<int64_t>{3});
  llvm::fill(ones.values, 1.0);
  words.values = {counter.low, counter.high, counter.step};
  Machine machine;
  auto results = machine.run(text.function("f"), {ones, words});
  std::vector<bool> kept;
  for (double value : (*results)[0].values) {
    EXPECT_TRUE(value == 0 || value == 1 / (1 - rate)) << value;
    kept.push_back(value != 0);
  }
  return kept;
}

double fractionOf(const std::vector<bool> &mask) {
  return static_cast<double>(llvm::count(mask, true)) / static_cast<double>(mask.size());
}

/// Within five standard deviations of a binomial distribution.
void expectFraction(double fraction, double probability, int64_t trials = count) {
  EXPECT_NEAR(fraction, probability,
              5 * std::sqrt(probability * (1 - probability) / static_cast<double>(trials)));
}

TEST(Dropout, KeepsTheRightShare) {
  for (double rate : {0.1, 0.2, 0.5, 0.9})
    for (int64_t stream : {0, 1, 7})
      expectFraction(fractionOf(mask(rate, stream)), 1 - rate);
}

/// A run of kept values says nothing of the next: neighbours agree as often as chance has it.
TEST(Dropout, NeighboursAreIndependent) {
  std::vector<bool> kept = mask(0.5, 1);
  int64_t agree = 0;
  for (int64_t i = 1; i < count; ++i)
    agree += kept[i] == kept[i - 1];
  expectFraction(static_cast<double>(agree) / (count - 1), 0.5, count - 1);
}

/// Masks of different layers, steps and seeds agree as often as chance has it.
TEST(Dropout, StreamsStepsAndSeedsAreIndependent) {
  constexpr double rate = 0.3;
  const std::vector<bool> base = mask(rate, 1);
  const std::pair<const char *, std::vector<bool>> others[] = {
      {"stream", mask(rate, 2)},
      {"step", mask(rate, 1, {.step = 4})},
      {"seed", mask(rate, 1, {.low = 2})},
      {"high word of the seed", mask(rate, 1, {.high = 3})},
      {"seed and step exchanged", mask(rate, 1, {.low = 3, .high = 2, .step = 1})},
  };
  for (const auto &[what, other] : others) {
    SCOPED_TRACE(what);
    int64_t agree = 0;
    for (int64_t i = 0; i < count; ++i)
      agree += base[i] == other[i];
    expectFraction(static_cast<double>(agree) / count, rate * rate + (1 - rate) * (1 - rate));
  }
}

/// An element's fate depends on its place only, not on the tensor's size: batches of any size cut
/// one sequence.
TEST(Dropout, SmallerTensorsGetThePrefix) {
  const std::vector<bool> long_ = mask(0.5, 1, {}, 1000), short_ = mask(0.5, 1, {}, 33);
  EXPECT_TRUE(std::equal(short_.begin(), short_.end(), long_.begin()));
}

} // namespace
