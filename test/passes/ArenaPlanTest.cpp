//===- ArenaPlanTest.cpp - buffers that live together never share a byte ---------------------===//

#include "passes/ArenaPlan.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

using weir::ArenaPlan;

namespace {

struct Request {
  int64_t bytes, first, last;
};

ArenaPlan planned(const std::vector<Request> &requests) {
  ArenaPlan plan;
  for (const Request &request : requests)
    plan.add(request.bytes, request.first, request.last);
  plan.plan();
  return plan;
}

/// Everything that must hold of any plan.
void expectSound(const ArenaPlan &plan, const std::vector<Request> &requests) {
  ASSERT_EQ(plan.count(), requests.size());
  int64_t end = 0;
  for (size_t i = 0; i < plan.count(); ++i) {
    EXPECT_EQ(plan.offset(i) % ArenaPlan::cpuAlignment, 0);
    EXPECT_GE(plan.offset(i), 0);
    EXPECT_GE(plan.bytes(i), requests[i].bytes);
    end = std::max(end, plan.offset(i) + plan.bytes(i));
    for (size_t j = 0; j < i; ++j) {
      const bool together = plan.first(i) <= plan.last(j) && plan.first(j) <= plan.last(i);
      const bool overlap = plan.offset(i) < plan.offset(j) + plan.bytes(j) &&
                           plan.offset(j) < plan.offset(i) + plan.bytes(i);
      EXPECT_FALSE(together && overlap) << "buffers " << j << " and " << i;
    }
  }
  EXPECT_EQ(plan.size(), end);
  EXPECT_GE(plan.size(), plan.lowerBound());
}

/// The largest sum of rounded sizes alive at one step, by looking at each step.
int64_t largestLiveSet(const std::vector<Request> &requests) {
  int64_t largest = 0;
  for (int64_t step = 0; step < 100; ++step) {
    int64_t alive = 0;
    for (const Request &request : requests)
      if (request.first <= step && step <= request.last)
        alive += (request.bytes + 63) / 64 * 64;
    largest = std::max(largest, alive);
  }
  return largest;
}

/// The best that any order of placing each buffer as low as possible can do.
int64_t bestByBruteForce(const std::vector<Request> &requests) {
  std::vector<size_t> order(requests.size());
  std::iota(order.begin(), order.end(), 0);
  int64_t best = INT64_MAX;
  do {
    std::vector<int64_t> offset(requests.size(), -1);
    int64_t total = 0;
    for (size_t number : order) {
      const Request &buffer = requests[number];
      const int64_t bytes = (buffer.bytes + 63) / 64 * 64;
      for (int64_t candidate = 0; offset[number] < 0; candidate += 64) {
        bool free = true;
        for (size_t other = 0; other < requests.size(); ++other) {
          const Request &taken = requests[other];
          free &= offset[other] < 0 || taken.last < buffer.first || buffer.last < taken.first ||
                  offset[other] + (taken.bytes + 63) / 64 * 64 <= candidate ||
                  candidate + bytes <= offset[other];
        }
        if (free)
          offset[number] = candidate;
      }
      total = std::max(total, offset[number] + bytes);
    }
    best = std::min(best, total);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

std::vector<Request> randomRequests(std::mt19937 &random, size_t count, int64_t steps,
                                    int64_t mostBytes) {
  std::vector<Request> requests;
  for (size_t i = 0; i < count; ++i) {
    const int64_t a = random() % steps, b = random() % steps;
    requests.push_back(
        {static_cast<int64_t>(1 + random() % mostBytes), std::min(a, b), std::max(a, b)});
  }
  return requests;
}

TEST(ArenaPlan, NothingNeedsNothing) {
  ArenaPlan plan = planned({});
  EXPECT_EQ(plan.size(), 0);
  EXPECT_EQ(plan.lowerBound(), 0);
}

TEST(ArenaPlan, SizesAreRoundedUpToTheAlignment) {
  EXPECT_EQ(planned({{1, 0, 0}}).size(), 64);
  EXPECT_EQ(planned({{64, 0, 0}}).size(), 64);
  EXPECT_EQ(planned({{65, 0, 0}}).size(), 128);
}

/// A chain: each kernel reads the last one's result and writes its own. Two places are enough for
/// ever.
TEST(ArenaPlan, AChainAlternatesBetweenTwoPlaces) {
  std::vector<Request> chain;
  for (int64_t step = 0; step < 20; ++step)
    chain.push_back({256, step, step + 1});
  ArenaPlan plan = planned(chain);
  expectSound(plan, chain);
  EXPECT_EQ(plan.size(), 512);
}

/// A value that dies at the step in which another is made shares that step with it: a kernel reads
/// one and writes the other.
TEST(ArenaPlan, LastStepCounts) {
  EXPECT_EQ(planned({{64, 0, 3}, {64, 3, 4}}).size(), 128);
  EXPECT_EQ(planned({{64, 0, 2}, {64, 3, 4}}).size(), 64);
}

TEST(ArenaPlan, AGapBetweenTwoLivingBuffersIsUsed) {
  // The middle one of three dies; a smaller one fits into its place.
  std::vector<Request> requests{{300, 0, 9}, {200, 0, 4}, {100, 0, 9}, {128, 5, 9}};
  ArenaPlan plan = planned(requests);
  expectSound(plan, requests);
  EXPECT_EQ(plan.size(), 320 + 256 + 128);
  EXPECT_EQ(plan.offset(3), plan.offset(1));
}

TEST(ArenaPlan, RandomBuffers) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::vector<Request> requests =
        randomRequests(random, 1 + random() % 40, 1 + random() % 30, 5000);
    ArenaPlan plan = planned(requests);
    expectSound(plan, requests);
    EXPECT_EQ(plan.lowerBound(), largestLiveSet(requests));
    // The same requests give the same plan.
    ArenaPlan again = planned(requests);
    for (size_t i = 0; i < plan.count(); ++i)
      EXPECT_EQ(plan.offset(i), again.offset(i));
  }
}

/// Largest first is no optimum, but it is never above one half more than the best order of all, and
/// mostly equal to it.
TEST(ArenaPlan, SmallCasesAgainstBruteForce) {
  std::mt19937 random(2);
  int optimal = 0;
  constexpr int rounds = 100;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::vector<Request> requests = randomRequests(random, 2 + random() % 5, 6, 512);
    const int64_t best = bestByBruteForce(requests), size = planned(requests).size();
    EXPECT_GE(size, best);
    EXPECT_LE(2 * size, 3 * best);
    optimal += size == best;
  }
  EXPECT_GE(optimal, rounds * 9 / 10);
}

} // namespace
