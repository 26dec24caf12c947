#include "runtime/ScratchPool.h"
#include "runtime/Program.h"

#include <cstring>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

using weir::ScratchPool;

namespace {

TEST(ScratchPool, GivesTheSameBlockAgain) {
  ScratchPool pool;
  void *first = pool.take(1 << 20);
  std::memset(first, 1, 1 << 20);
  pool.give(first);
  EXPECT_EQ(pool.take(1 << 20), first);
  EXPECT_EQ(pool.bytes(), 1u << 20);
}

TEST(ScratchPool, TakesTheSmallestThatFits) {
  ScratchPool pool;
  void *large = pool.take(3 << 20), *small = pool.take(1 << 20);
  pool.give(large);
  pool.give(small);
  EXPECT_EQ(pool.take(1 << 19), small);
  EXPECT_EQ(pool.take(2 << 20), large);
}

TEST(ScratchPool, HasNoMoreBlocksThanWereLentAtOnce) {
  ScratchPool pool;
  for (uint64_t bytes = 1 << 16; bytes <= 1 << 24; bytes *= 2)
    pool.give(pool.take(bytes));
  EXPECT_EQ(pool.bytes(), 1u << 24);
}

TEST(ScratchPool, SaysWhereMemoryIsOut) {
  ScratchPool pool;
  EXPECT_EQ(pool.take(uint64_t(1) << 50), nullptr);
  EXPECT_EQ(pool.bytes(), 0u);
}

TEST(ScratchPool, ServesThreads) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([thread] {
      for (int turn = 0; turn < 60; ++turn) {
        // Below and above what is pooled.
        const uint64_t bytes = uint64_t(1000) << (turn % 12);
        auto *memory = static_cast<uint8_t *>(halide_malloc(nullptr, bytes));
        ASSERT_NE(memory, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 128, 0u);
        std::memset(memory, thread, bytes);
        std::this_thread::yield();
        EXPECT_EQ(memory[0], thread);
        EXPECT_EQ(memory[bytes - 1], thread);
        halide_free(nullptr, memory);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  halide_free(nullptr, nullptr);
}

} // namespace
