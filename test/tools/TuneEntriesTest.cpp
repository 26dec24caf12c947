//===- TuneEntriesTest.cpp - entries with records against those without, by made-up programs -===//

#include "tools/tune/TuneEntries.h"

#include <gtest/gtest.h>
#include <random>

using namespace weir;

namespace {

/// Two entries: "infer" of the groups 0 and 1, "train" of 1, 2 and 2 again; and one more, of 3.
TuneNet someNet() {
  TuneNet net;
  net.groups.resize(4);
  net.entries = {{"infer", {0, 1}}, {"train", {1, 2, 2}}, {"other", {3}}};
  return net;
}

/// Each kernel takes 1 ms, by a record as much more as the test says.
class FakePrograms : public EntryLab {
public:
  /// Milliseconds that the record of a group adds to an entry beside what its own kernel takes
  /// more: what it does to others.
  std::vector<double> kernelCost{0, 0, 0, 0}, sideCost{0, 0, 0, 0};
  double deviation = 0.01, clock = 0, interruptedAt = 1e9;
  std::vector<std::vector<bool>> built;
  unsigned runs = 0;
  bool fails = false;
  std::mt19937 random{1};
  const TuneNet net = someNet();

  llvm::Error build(const std::vector<bool> &withdrawn) override {
    built.push_back(withdrawn);
    clock += 1;
    return fails ? llvm::createStringError("no compiler") : llvm::Error::success();
  }
  llvm::Expected<std::vector<EntryTimes>> run(bool withRecords) override {
    ++runs;
    clock += 0.2;
    std::normal_distribution noise(1.0, deviation);
    std::vector<EntryTimes> times;
    for (const TuneNet::Entry &entry : net.entries) {
      EntryTimes &of = times.emplace_back();
      for (const size_t group : entry.kernels) {
        const bool tuned = withRecords && !built.back()[group];
        of.kernels.push_back((1 + (tuned ? kernelCost[group] : 0)) * noise(random));
        of.milliseconds += of.kernels.back() + (tuned ? sideCost[group] : 0);
      }
    }
    return times;
  }
  double seconds() override { return clock; }
  bool isInterrupted() override { return clock > interruptedAt; }
};

const std::vector<bool> all(4, true), none(4, false);

} // namespace

TEST(TuneEntries, FasterOnesAreDecidedEarlyAndKeepTheirRecords) {
  FakePrograms lab;
  lab.kernelCost = {-0.2, -0.2, -0.2, -0.2};
  EntryCheck check(lab.net, all, lab, 1e6);
  ASSERT_FALSE(bool(check.run()));
  EXPECT_TRUE(check.isComplete());
  EXPECT_EQ(check.withdrawn(), none);
  EXPECT_EQ(lab.runs, 2 * EntryCheck::leastPairs);
  for (const EntryResult &entry : check.entries()) {
    EXPECT_NEAR(entry.gain(), 0.2, 0.02) << entry.name;
    EXPECT_FALSE(entry.slower);
  }
}

TEST(TuneEntries, TheKernelsThatAreSlowerInTheirEntryLoseTheirRecords) {
  FakePrograms lab;
  lab.kernelCost = {-0.1, -0.1, 0.3, -0.1}; // 2 was faster by itself, and is not here
  EntryCheck check(lab.net, all, lab, 1e6);
  ASSERT_FALSE(bool(check.run()));
  EXPECT_EQ(check.withdrawn(), (std::vector<bool>{false, false, true, false}));
  EXPECT_EQ(lab.built.size(), 2u);
  const EntryResult &train = check.entries()[1];
  ASSERT_TRUE(train.slower);
  EXPECT_NEAR(train.slower->ratio, 3.5 / 3, 0.02);
  EXPECT_NEAR(train.gain(), 0.1 / 3, 0.02) << "of the record that is left";
  EXPECT_FALSE(check.entries()[0].slower);
}

TEST(TuneEntries, WhereNoKernelIsSlowerByItselfAllOfTheEntryGo) {
  FakePrograms lab;
  lab.kernelCost = {-0.1, -0.1, -0.1, -0.1};
  lab.sideCost[3] = 0.5; // its own time is less, the entry's is more
  EntryCheck check(lab.net, all, lab, 1e6);
  ASSERT_FALSE(bool(check.run()));
  EXPECT_EQ(check.withdrawn(), (std::vector<bool>{false, false, false, true}));
  EXPECT_FALSE(check.entries()[2].isChanged);
  EXPECT_EQ(check.entries()[2].gain(), 0);
  EXPECT_TRUE(check.entries()[2].slower);
  EXPECT_GT(check.entries()[0].gain(), 0.05);
}

// However many records do harm, what is left is no slower.
TEST(TuneEntries, NothingIsLeftThatIsSlower) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    FakePrograms lab;
    lab.random.seed(seed);
    for (size_t group = 0; group < 4; ++group) {
      lab.kernelCost[group] = std::uniform_real_distribution(-0.3, 0.3)(lab.random);
      lab.sideCost[group] = std::uniform_real_distribution(-0.1, 0.3)(lab.random);
    }
    EntryCheck check(lab.net, all, lab, 20);
    ASSERT_FALSE(bool(check.run()));
    for (const TuneNet::Entry &entry : lab.net.entries) {
      double cost = 0;
      for (const size_t group : entry.kernels)
        cost += check.withdrawn()[group] ? 0 : lab.kernelCost[group] + lab.sideCost[group];
      EXPECT_LE(cost, 0.02 * double(entry.kernels.size())) << "seed " << seed << ", " << entry.name;
    }
  }
}

TEST(TuneEntries, EqualOnesMostlyKeepTheirRecords) {
  unsigned withdrawals = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    FakePrograms lab;
    lab.random.seed(seed);
    EntryCheck check(lab.net, {false, false, false, true}, lab, 1e6);
    ASSERT_FALSE(bool(check.run()));
    withdrawals += check.withdrawn()[3];
  }
  EXPECT_LE(withdrawals, 6u); // by chance one in 20, somewhat more for the early decision
}

TEST(TuneEntries, ItsTimeIsKeptButForTheLeastPairs) {
  FakePrograms lab;
  EntryCheck check(lab.net, all, lab, 2);
  ASSERT_FALSE(bool(check.run()));
  EXPECT_EQ(lab.runs, 2 * EntryCheck::leastPairs);
}

TEST(TuneEntries, WithoutRecordsThereIsNothingToCompare) {
  FakePrograms lab;
  EntryCheck check(lab.net, none, lab, 1e6);
  ASSERT_FALSE(bool(check.run()));
  EXPECT_TRUE(check.isComplete());
  EXPECT_TRUE(lab.built.empty());
  EXPECT_EQ(lab.runs, 0u);
}

TEST(TuneEntries, InterruptionAndFailureLeaveTheRecords) {
  FakePrograms lab;
  lab.kernelCost[3] = 1;
  lab.interruptedAt = 2;
  EntryCheck check(lab.net, all, lab, 1e6);
  ASSERT_FALSE(bool(check.run()));
  EXPECT_FALSE(check.isComplete());
  EXPECT_EQ(check.withdrawn(), none);
  FakePrograms broken;
  broken.fails = true;
  EXPECT_EQ(llvm::toString(EntryCheck(broken.net, all, broken, 1e6).run()), "no compiler");
}
