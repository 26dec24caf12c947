// Which launches wait for which: literal cases, and random ones against the order of the calls.
#include "runtime/LaunchOrder.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

namespace weir::test {
namespace {

using Numbers = std::vector<size_t>;

Access reads(uint64_t begin, uint64_t end) { return {begin, end, false}; }
Access writes(uint64_t begin, uint64_t end) { return {begin, end, true}; }

TEST(LaunchOrder, ReadersWaitForTheWriterAndNotForEachOther) {
  LaunchOrder order;
  EXPECT_EQ(order.add({writes(0, 8)}), Numbers{});
  EXPECT_EQ(order.add({reads(0, 4), writes(16, 20)}), Numbers{0});
  EXPECT_EQ(order.add({reads(4, 8), writes(20, 24)}), Numbers{0});
  EXPECT_EQ(order.add({reads(16, 24)}), (Numbers{2, 1}));
}

TEST(LaunchOrder, AWriterWaitsForReadersAndWriters) {
  LaunchOrder order;
  order.add({reads(0, 8)});
  order.add({writes(8, 16)});
  EXPECT_EQ(order.add({writes(4, 12)}), (Numbers{1, 0}));
}

TEST(LaunchOrder, NeighboursDoNotMeet) {
  LaunchOrder order;
  order.add({writes(0, 8)});
  EXPECT_EQ(order.add({writes(8, 16)}), Numbers{});
}

TEST(LaunchOrder, WhatOthersWaitForIsLeftOut) {
  LaunchOrder order;
  order.add({writes(0, 8)});
  order.add({writes(0, 8)});
  EXPECT_EQ(order.add({reads(0, 8)}), Numbers{1});
}

// The halves of a concat's rows are written at the same time, but not before who reads both.
TEST(LaunchOrder, PartsOfRowsDoNotMeet) {
  LaunchOrder order;
  EXPECT_EQ(order.add({{0, 20, true, 4, 8}}), Numbers{});
  EXPECT_EQ(order.add({{4, 24, true, 4, 8}}), Numbers{});
  EXPECT_EQ(order.add({reads(0, 24)}), (Numbers{1, 0}));
  EXPECT_EQ(order.add({{12, 18, true, 6, 8}}), Numbers{2});   // one row of more than a half
  EXPECT_EQ(order.add({{0, 24, true, 4, 10}}), (Numbers{3})); // other rows
}

// Whatever order the edges allow gives every byte the values that the order of the calls gives it.
TEST(LaunchOrder, EveryOrderThatTheEdgesAllowGivesTheSameBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const size_t count = 1 + random() % 12;
    std::vector<std::vector<Access>> launches(count);
    std::vector<Numbers> before(count);
    LaunchOrder order;
    for (size_t i = 0; i < count; ++i) {
      for (size_t n = 1 + random() % 3; n-- > 0;) {
        const uint64_t begin = random() % 16, end = begin + 1 + random() % 4;
        launches[i].push_back({begin, end, random() % 2 == 0});
        if (random() % 2 == 0) { // rows of a few of each five bytes
          const uint64_t width = 1 + random() % 4;
          launches[i].back() = {begin % 5, begin % 5 + 10 + width, random() % 2 == 0, width, 5};
        }
      }
      before[i] = order.add(launches[i]);
    }
    const auto run = [&](const Numbers &sequence) {
      std::vector<uint64_t> bytes(20, 0);
      for (size_t i : sequence) {
        uint64_t sum = i + 1;
        const auto isIn = [](const Access &access, uint64_t at) {
          return access.pitch == 0 || (at - access.begin) % access.pitch < access.width;
        };
        for (const Access &access : launches[i])
          for (uint64_t at = access.begin; at < access.end; ++at)
            sum = isIn(access, at) ? sum * 31 + bytes[at] : sum;
        for (const Access &access : launches[i])
          for (uint64_t at = access.begin; access.writes && at < access.end; ++at)
            bytes[at] = isIn(access, at) ? sum : bytes[at];
      }
      return bytes;
    };
    Numbers called(count), other;
    std::iota(called.begin(), called.end(), 0);
    std::vector<bool> done(count, false);
    while (other.size() < count) {
      Numbers ready;
      for (size_t i = 0; i < count; ++i)
        if (!done[i] &&
            std::all_of(before[i].begin(), before[i].end(), [&](size_t j) { return done[j]; }))
          ready.push_back(i);
      other.push_back(ready[random() % ready.size()]);
      done[other.back()] = true;
    }
    EXPECT_EQ(run(other), run(called));
  }
}

} // namespace
} // namespace weir::test
