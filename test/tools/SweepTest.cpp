// The members of a sweep, and who goes on in successive halving.
#include "tools/SweepGrid.h"
#include "tools/SweepHalving.h"

#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <set>

namespace weir {
namespace {

SweepSetting setting(const char *name, std::vector<int64_t> numbers, bool atRunTime) {
  SweepSetting result{name, {}, atRunTime};
  for (int64_t number : numbers)
    result.values.push_back({std::to_string(number), double(number), number});
  return result;
}

/// epochs stand before the others, and not in order.
std::vector<SweepSetting> example() {
  return {setting("epochs", {30, 10}, true), setting("width", {4, 8, 16}, false),
          setting("seed", {1, 2}, true), setting("batch", {16, 32}, false)};
}

SweepGrid grid(std::vector<SweepSetting> settings, bool longestOnly = false) {
  return llvm::cantFail(SweepGrid::create(std::move(settings), longestOnly));
}

TEST(SweepGrid, HasEveryCombinationOnce) {
  const SweepGrid all = grid(example());
  ASSERT_EQ(all.size(), 24u);
  EXPECT_EQ(all.programs(), 6u);
  EXPECT_EQ(all.runsPerProgram(), 2u);
  std::set<uint64_t> numbers;
  for (uint64_t i = 0; i < all.size(); ++i) {
    const SweepMember member = all.member(i);
    numbers.insert(member.number);
    // The number is the place in the file's order, its last setting changing fastest.
    uint64_t number = 0;
    for (size_t s = 0; s < all.settings().size(); ++s) {
      const auto &values = all.settings()[s].values;
      size_t place = 0;
      while (values[place].text != member.values[s].second)
        ++place;
      number = number * values.size() + place;
    }
    EXPECT_EQ(member.number, number + 1);
    EXPECT_EQ(std::to_string(*member.epochs), member.values[0].second);
    EXPECT_EQ(all.programAt(i), member.program);
  }
  EXPECT_EQ(numbers.size(), 24u);
  EXPECT_EQ(*numbers.begin(), 1u);
  EXPECT_EQ(*numbers.rbegin(), 24u);
}

TEST(SweepGrid, KeepsProgramsAndRunsTogether) {
  const SweepGrid all = grid(example());
  EXPECT_EQ(all.endOfProgram(0), 4u);
  EXPECT_EQ(all.endOfProgram(5), 24u);
  for (uint64_t i = 0; i < all.size(); i += 2) { // a run: 10 epochs, then 30
    EXPECT_EQ(all.runAt(i), all.runAt(i + 1));
    EXPECT_EQ(all.member(i).epochs, 10);
    EXPECT_EQ(all.member(i + 1).epochs, 30);
  }
  EXPECT_EQ(all.epochsOfRuns(1), 12u * 30);
  EXPECT_EQ(all.epochsOfMembers(1), 12u * 40);
  const SweepGrid longest = grid(example(), true);
  EXPECT_EQ(longest.size(), 12u);
  EXPECT_EQ(longest.member(7).epochs, 30);
  EXPECT_EQ(grid({setting("width", {4, 8}, false)}).epochsOfRuns(5), 10u);
}

TEST(SweepGrid, DrawsWithoutReplacement) {
  SweepGrid some = grid(example());
  some.chooseRandomly(7, 3);
  SweepGrid same = grid(example());
  same.chooseRandomly(7, 3);
  SweepGrid other = grid(example());
  other.chooseRandomly(7, 4);
  ASSERT_EQ(some.size(), 7u);
  std::set<uint64_t> numbers, otherNumbers;
  for (uint64_t i = 0; i < 7; ++i) {
    EXPECT_EQ(some.member(i).number, same.member(i).number);
    numbers.insert(some.member(i).number);
    otherNumbers.insert(other.member(i).number);
    EXPECT_GT(some.endOfProgram(some.programAt(i)), i);
  }
  EXPECT_EQ(numbers.size(), 7u);
  EXPECT_NE(numbers, otherNumbers);
  some.chooseRandomly(100, 1);
  EXPECT_EQ(some.size(), 7u);
  // Every member is drawn about as often as every other: 24 of them, 4000 draws of 6.
  std::vector<int> counts(25);
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    SweepGrid drawn = grid(example());
    drawn.chooseRandomly(6, seed);
    for (uint64_t i = 0; i < 6; ++i)
      ++counts[drawn.member(i).number];
  }
  for (size_t number = 1; number <= 24; ++number) // 1000 +- 5 standard deviations
    EXPECT_NEAR(counts[number], 1000, 5 * std::sqrt(4000 * 0.25 * 0.75));
}

TEST(SweepGrid, RefusesWhatCannotBeCounted) {
  std::vector<SweepSetting> settings;
  for (int i = 0; i < 63; ++i)
    settings.push_back(setting(("s" + std::to_string(i)).c_str(), {1, 2}, false));
  auto tooMany = SweepGrid::create(settings, false);
  ASSERT_FALSE(bool(tooMany));
  EXPECT_EQ(llvm::toString(tooMany.takeError()),
            "the lists of 'sweep' have more than 2^62 combinations");
  settings.pop_back();
  EXPECT_EQ(grid(settings).size(), uint64_t(1) << 62);
}

TEST(SweepHalving, PlansRungs) {
  const Halving plan(24, 30);
  ASSERT_EQ(plan.rungs(), 3u);
  EXPECT_EQ(plan.membersIn(0), 24u);
  EXPECT_EQ(plan.membersIn(1), 8u);
  EXPECT_EQ(plan.membersIn(2), 2u);
  EXPECT_EQ(plan.epochsAt(0, 30), 3);
  EXPECT_EQ(plan.epochsAt(1, 30), 10);
  EXPECT_EQ(plan.epochsAt(2, 30), 30);
  EXPECT_EQ(plan.totalEpochs(30), 24u * 3 + 8 * 7 + 2 * 20);
  EXPECT_EQ(Halving(2, 100).rungs(), 1u);
  EXPECT_EQ(Halving(100, 2).rungs(), 1u);
  EXPECT_EQ(Halving(1'000'000, 9).rungs(), 3u);
}

TEST(SweepHalving, LetsTheBestGoOn) {
  const Halving plan(9, 9);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<RungScore> scores = {{0, 0.5, 1}, {1, 0.9, 2}, {2, nan, nan}, {3, 0.9, 1},
                                   {4, 0.1, 0}, {5, 0.9, 2}, {6, 0.8, 0}};
  EXPECT_EQ(plan.survivors(0, scores), (std::vector<uint64_t>{1, 3, 5}));
  EXPECT_EQ(plan.survivors(1, scores), std::vector<uint64_t>{3});
  std::reverse(scores.begin(), scores.end()); // whichever was ready first
  EXPECT_EQ(plan.survivors(0, scores), (std::vector<uint64_t>{1, 3, 5}));
}

} // namespace
} // namespace weir
