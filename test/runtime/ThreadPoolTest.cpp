// The pool: every index once, nesting, error codes, background work, more threads than cores.
#include "runtime/ThreadPool.h"
#include "runtime/Program.h"

#include <atomic>
#include <gtest/gtest.h>
#include <vector>

namespace weir {

TEST(ThreadPool, runsEveryIndexOnce) {
  for (int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    for (int loop = 0; loop < 3000; ++loop) {
      const int size = loop % 40;
      std::vector<std::atomic<int>> counts(40);
      pool.forEach(size, [&](int index, int) { counts[size_t(index)].fetch_add(1); });
      for (int i = 0; i < 40; ++i)
        ASSERT_EQ(counts[size_t(i)].load(), i < size ? 1 : 0)
            << "threads " << threads << " loop " << loop;
    }
  }
}

TEST(ThreadPool, wakesSleepers) {
  ThreadPool pool(4);
  for (int loop = 0; loop < 20; ++loop) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2)); // longer than workers look for work
    std::atomic<int> sum{0};
    pool.forEach(100, [&](int index, int) { sum += index; });
    EXPECT_EQ(sum.load(), 4950);
  }
}

TEST(ThreadPool, passesRangeAndClosure) {
  ThreadPool pool(2);
  int sum[8] = {};
  auto task = [](void *context, int index, uint8_t *closure) {
    static_cast<int *>(context)[index - 5] += *closure;
    return 0;
  };
  uint8_t closure = 7;
  EXPECT_EQ(pool.run(sum, task, 5, 8, &closure), 0);
  for (int value : sum)
    EXPECT_EQ(value, 7);
}

TEST(ThreadPool, returnsAnErrorCode) {
  auto task = [](void *, int index, uint8_t *) { return index == 13 ? -4 : 0; };
  for (int threads : {1, 3}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.run(nullptr, task, 0, 20, nullptr), -4);
    EXPECT_EQ(pool.run(nullptr, task, 0, 13, nullptr), 0);
  }
}

TEST(ThreadPool, nestedLoopsRunInline) {
  ThreadPool pool(3);
  std::atomic<int> count{0};
  pool.forEach(10, [&](int, int outer) {
    pool.forEach(10, [&](int, int inner) {
      EXPECT_EQ(inner, outer);
      count.fetch_add(1);
    });
  });
  EXPECT_EQ(count.load(), 100);
}

TEST(ThreadPool, threadNumbersAreWithinThePool) {
  ThreadPool pool(4);
  pool.forEach(1000, [&](int, int thread) {
    EXPECT_GE(thread, 0);
    EXPECT_LT(thread, 4);
  });
  EXPECT_EQ(ThreadPool::currentThread(), 0);
}

namespace {
struct Pieces : BackgroundTask {
  std::atomic<int> next{0}, done{0};
  bool runPiece() override {
    if (next.fetch_add(1) >= 1000)
      return false;
    done.fetch_add(1);
    return true;
  }
};
} // namespace

TEST(ThreadPool, idleWorkersDoBackgroundWork) {
  ThreadPool pool(2);
  Pieces pieces;
  pool.setBackground(&pieces);
  pool.announceBackground();
  pool.forEach(2, [](int, int) {}); // wakes the worker
  while (pieces.done.load() < 1000)
    std::this_thread::yield();
  pool.setBackground(nullptr);
  EXPECT_EQ(pieces.done.load(), 1000);
}

TEST(ThreadPool, kernelsReachItThroughTheContext) {
  int sum = 0;
  auto task = [](void *, int index, uint8_t *closure) {
    *reinterpret_cast<int *>(closure) += index;
    return 0;
  };
  // Without a context there are no threads, and the loop still runs.
  EXPECT_EQ(halide_do_par_for(nullptr, task, 1, 4, reinterpret_cast<uint8_t *>(&sum)), 0);
  EXPECT_EQ(sum, 10);
  void *memory = halide_malloc(nullptr, 1000);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 128, 0u);
  halide_free(nullptr, memory);
}

} // namespace weir
