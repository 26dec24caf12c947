//===- TuneTest.cpp - the search for schedules, with kernels and a clock that are made up ----===//

#include "kernels/Candidates.h"
#include "tools/tune/TuneSearch.h"

#include <gtest/gtest.h>
#include <random>

using namespace weir;

namespace {

KernelTarget v4() { return *findTarget("x86-64-v4"); }

LoopFacts someLoops() { return matrixFacts({32, 80, 784}, v4(), LargeOperand::Right); }

TuneGroup groupOf(const std::string &name, double share) {
  TuneGroup group;
  group.name = group.content = name;
  group.share = share;
  return group;
}

/// Kernels whose time is a formula, with noise, and a clock that everything moves on.
class FakeLab : public TuneLab {
public:
  using Formula = std::function<double(const TuneGroup &, const Schedule &)>;
  explicit FakeLab(Formula microseconds) : microseconds(std::move(microseconds)) {}

  llvm::Expected<LoopFacts> open(const TuneGroup &next) override {
    opened.push_back(next.name);
    group = next;
    clock += 0.05;
    if (next.name == "broken")
      return llvm::createStringError("cannot be opened");
    return someLoops();
  }
  std::vector<std::string> prepare(llvm::ArrayRef<Schedule> schedules, double limit) override {
    std::vector<std::string> errors;
    for (const Schedule &schedule : schedules) {
      prepared.push_back(schedule);
      errors.push_back(reasonFor ? reasonFor(schedule) : "");
      clock += errors.back() == "no answer in time" ? limit : 0.2;
    }
    return errors;
  }
  llvm::Expected<TunePairs> time(const Schedule &first, const Schedule &second,
                                 unsigned pairs) override {
    TunePairs result;
    for (unsigned i = 0; i < pairs; ++i) {
      result.first.push_back(microseconds(group, first) * noise());
      result.second.push_back(microseconds(group, second) * noise());
      clock += 1e-3;
    }
    compared.push_back({first, second, pairs});
    return result;
  }
  double seconds() override { return clock; }
  bool isInterrupted() override { return clock > interruptedAt; }

  /// Some measurements are spoiled, as on a machine that does other things.
  double noise() {
    const double jitter = 1 + std::normal_distribution(0.0, deviation)(random);
    return random() % 20 == 0 ? 3 * jitter : jitter;
  }

  struct Comparison {
    Schedule first, second;
    unsigned pairs;
  };
  Formula microseconds;
  std::function<std::string(const Schedule &)> reasonFor;
  double deviation = 0.02, clock = 0, interruptedAt = 1e9;
  std::mt19937 random{1};
  TuneGroup group;
  std::vector<std::string> opened;
  std::vector<Schedule> prepared;
  std::vector<Comparison> compared;
};

class Notes : public TuneObserver {
public:
  void progress(const TuneProgress &) override {}
  void rejected(const TuneGroup &, const Schedule &, const std::string &reason) override {
    reasons.push_back(reason);
  }
  llvm::Error won(const TuningRecord &record, const TuneProgress &) override {
    records.push_back(record);
    return fails ? llvm::createStringError("disk full") : llvm::Error::success();
  }
  std::vector<std::string> reasons;
  std::vector<TuningRecord> records;
  bool fails = false;
};

TuneOptions optionsOf(double budget) {
  TuneOptions options;
  options.budget = budget;
  options.target = v4();
  options.threads = 1;
  options.cpu = "cpu";
  return options;
}

double sameForAll(const TuneGroup &, const Schedule &) { return 10; }
/// Tiles of more rows than the default's four are faster, down to two thirds of its time.
double tallerIsFaster(const TuneGroup &, const Schedule &s) {
  return 10.0 - std::min(6, s.tileRows);
}

} // namespace

TEST(TuneStatistics, SignTest) {
  EXPECT_NEAR(signTest(0, 10), 1, 1e-12);
  EXPECT_NEAR(signTest(10, 10), 1.0 / 1024, 1e-12);
  EXPECT_NEAR(signTest(9, 10), 11.0 / 1024, 1e-12);
  EXPECT_NEAR(signTest(24, 48), 0.5 + 0.5 * 0.1145516, 1e-4); // half, and half of the middle
  EXPECT_GT(signTest(900, 2000), 0.99);
  EXPECT_LT(signTest(1900, 2000), 1e-12);
}

TEST(TuneStatistics, OneSpoiledPairIsOnePair) {
  TunePairs pairs;
  for (int i = 0; i < 48; ++i) {
    pairs.first.push_back(10);
    pairs.second.push_back(9);
  }
  pairs.second[7] = 1e6;
  const TuneVerdict verdict = judge(pairs);
  EXPECT_EQ(verdict.faster, 47u);
  EXPECT_DOUBLE_EQ(verdict.ratio, 0.9);
  EXPECT_TRUE(verdict.isFaster(0.001, 0.02));
  EXPECT_FALSE(verdict.isFaster(0.001, 0.15));
}

TEST(TuneStatistics, EqualTimesAreNoGain) {
  const TuneVerdict verdict = judge({std::vector<double>(48, 10.0), std::vector<double>(48, 10.0)});
  EXPECT_EQ(verdict.faster, 0u);
  EXPECT_FALSE(verdict.isFaster(0.001, 0));
  EXPECT_FALSE(judge({}).isFaster(1, 0));
}

TEST(TuneSearch, TheLastCandidateMayWin) {
  FakeLab lab(
      [](const TuneGroup &, const Schedule &s) { return s == someLoops().chosen ? 10 : 5; });
  Notes notes;
  TuneOptions options = optionsOf(60);
  options.candidates = 1;
  TuneSearch search(options, {groupOf("dense", 1)}, lab, notes);
  ASSERT_FALSE(bool(search.run()));
  EXPECT_EQ(lab.prepared.size(), 1u);
  EXPECT_EQ(search.progress().tried, 1u);
  EXPECT_EQ(notes.records.size(), 1u);
}

TEST(TuneSearch, FindsTheFasterSchedule) {
  FakeLab lab(tallerIsFaster);
  Notes notes;
  TuneSearch search(optionsOf(60), {groupOf("dense", 1)}, lab, notes);
  ASSERT_FALSE(bool(search.run()));
  ASSERT_FALSE(notes.records.empty());
  const TuningRecord &best = notes.records.back();
  EXPECT_EQ(tallerIsFaster({}, best.schedule), 4) << best.schedule.text();
  EXPECT_EQ(best.loops.chosen, someLoops().chosen);
  EXPECT_LE(signTest(best.faster, best.pairs), 0.001);
  EXPECT_EQ(best.key.group, "dense");
  EXPECT_NEAR(search.progress().gain, best.gain(), 1e-9);
}

// By construction: whatever the noise, what is reported was faster than the default in a comparison
// of its own, after the one that made it promising.
TEST(TuneSearch, NeverWorseThanTheDefault) {
  unsigned falseWinners = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    FakeLab lab(sameForAll);
    lab.random.seed(seed);
    lab.deviation = 0.1;
    Notes notes;
    TuneSearch search(optionsOf(60), {groupOf("dense", 1)}, lab, notes);
    ASSERT_FALSE(bool(search.run()));
    falseWinners += notes.records.size();
    for (const TuningRecord &record : notes.records) {
      const auto final = llvm::find_if(lab.compared, [&](const FakeLab::Comparison &c) {
        return c.first == someLoops().chosen && c.second == record.schedule &&
               c.pairs == TuneSearch::finalPairs;
      });
      EXPECT_NE(final, lab.compared.end());
      EXPECT_LE(signTest(record.faster, record.pairs), TuneSearch::finalChance);
    }
  }
  EXPECT_EQ(falseWinners, 0u); // of 40 searches of some 100 candidates that are all the same
}

TEST(TuneSearch, SlowerOnesNeverWin) {
  FakeLab lab(
      [](const TuneGroup &, const Schedule &s) { return s == someLoops().chosen ? 10.0 : 10.5; });
  Notes notes;
  ASSERT_FALSE(bool(TuneSearch(optionsOf(100), {groupOf("dense", 1)}, lab, notes).run()));
  EXPECT_TRUE(notes.records.empty());
}

TEST(TuneSearch, FailuresAreSkippedAndCounted) {
  FakeLab lab(tallerIsFaster);
  lab.reasonFor = [](const Schedule &s) -> std::string {
    if (s.tileRows % 2)
      return "it crashed: Aborted";
    return s.tileVectors == 1 ? "no answer in time" : "";
  };
  Notes notes;
  TuneSearch search(optionsOf(300), {groupOf("dense", 1)}, lab, notes);
  ASSERT_FALSE(bool(search.run()));
  EXPECT_FALSE(notes.records.empty());
  for (const TuningRecord &record : notes.records)
    EXPECT_TRUE(record.schedule.tileRows % 2 == 0 && record.schedule.tileVectors > 1);
  EXPECT_EQ(search.progress().failed, notes.reasons.size());
  EXPECT_TRUE(llvm::is_contained(notes.reasons, "it crashed: Aborted"));
  EXPECT_TRUE(llvm::is_contained(notes.reasons, "no answer in time"));
}

TEST(TuneSearch, LargestShareComesFirstAndAllHaveTheirTurn) {
  FakeLab lab(sameForAll);
  Notes notes;
  TuneSearch search(optionsOf(120),
                    {groupOf("small", 0.05), groupOf("broken", 0.2), groupOf("large", 0.6)}, lab,
                    notes);
  ASSERT_FALSE(bool(search.run()));
  EXPECT_EQ(lab.opened.front(), "large");
  EXPECT_TRUE(llvm::is_contained(lab.opened, "small"));
  EXPECT_EQ(llvm::count(lab.opened, "broken"), 1);
  EXPECT_EQ(notes.reasons.front(), "cannot be opened");
}

TEST(TuneSearch, BudgetAndInterruptionEndIt) {
  for (const double budget : {0.1, 1.0, 5.0}) {
    FakeLab lab(tallerIsFaster);
    Notes notes;
    ASSERT_FALSE(bool(TuneSearch(optionsOf(budget), {groupOf("dense", 1)}, lab, notes).run()));
    EXPECT_LT(lab.clock, budget + 2);
  }
  FakeLab lab(tallerIsFaster);
  lab.interruptedAt = 4;
  Notes notes;
  ASSERT_FALSE(bool(TuneSearch(optionsOf(1000), {groupOf("dense", 1)}, lab, notes).run()));
  EXPECT_LT(lab.clock, 6);
  EXPECT_FALSE(notes.records.empty()) << "what was found before stays";
}

TEST(TuneSearch, RecordsAreTriedFirst) {
  FakeLab lab(sameForAll);
  Notes notes;
  TuningRecord record;
  record.key = {"dense", v4().halide, "cpu", 1};
  record.schedule = neighbours(someLoops().chosen, someLoops(), v4(), 1).back();
  record.loops = someLoops();
  TuningDatabase known;
  known.put(record);
  TuneOptions options = optionsOf(2);
  options.known = &known;
  ASSERT_FALSE(bool(TuneSearch(options, {groupOf("dense", 1)}, lab, notes).run()));
  ASSERT_FALSE(lab.prepared.empty());
  EXPECT_EQ(lab.prepared.front(), record.schedule);
}

TEST(TuneSearch, TheWinnerOfAnEarlierSearchHasToBeBeaten) {
  FakeLab first(tallerIsFaster), second(tallerIsFaster);
  Notes found, again;
  ASSERT_FALSE(bool(TuneSearch(optionsOf(1000), {groupOf("dense", 1)}, first, found).run()));
  ASSERT_FALSE(found.records.empty());
  TuningDatabase known;
  known.put(found.records.back());
  TuneOptions options = optionsOf(1000);
  options.known = &known;
  TuneSearch search(options, {groupOf("dense", 1)}, second, again);
  ASSERT_FALSE(bool(search.run()));
  EXPECT_TRUE(again.records.empty()) << "nothing is better, and less is no winner";
  EXPECT_GT(search.progress().gain, 0);
}

TEST(TuneSearch, FailingToWriteEndsIt) {
  FakeLab lab(tallerIsFaster);
  Notes notes;
  notes.fails = true;
  llvm::Error error = TuneSearch(optionsOf(60), {groupOf("dense", 1)}, lab, notes).run();
  EXPECT_EQ(llvm::toString(std::move(error)), "disk full");
  EXPECT_EQ(notes.records.size(), 1u);
}
