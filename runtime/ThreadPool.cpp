// Fork and join of the runtime's threads; see ThreadPool.h.
//
// Protocol. The caller fills the shares and opens the loop by writing `state`. A worker enters by
// counting itself into `state` while the loop is open, works, and counts itself out. The caller
// works too; when every index is taken it closes the loop and waits until nobody is inside. A
// worker that comes late finds the loop closed and has touched nothing, so the caller never waits
// for a sleeping thread.
#include "runtime/ThreadPool.h"

#include <algorithm>
#include <climits>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace weir {

static constexpr uint64_t openBit = 1 << 16;
static constexpr uint64_t insideMask = openBit - 1;
static constexpr uint64_t oneLoop = openBit << 1;

static thread_local bool insideTask = false;
static thread_local int threadNumber = 0;

static void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

static void flushDenormals() {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040); // as Net::run does in the calling thread
#endif
}

static int usableCores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  return std::max(1, CPU_COUNT(&set));
}

int ThreadPool::currentThread() { return threadNumber; }

ThreadPool::ThreadPool(int threads) : threads(std::clamp(threads, 1, maximumThreads)) {
  // About 100 us of looking for work (a pause is 40-140 cycles) bridges the serial kernels of a
  // step. With more threads than cores a spinning worker only takes the core from one that has
  // work.
  spins = this->threads <= usableCores() ? 4000 : 1;
  shares = std::make_unique<Share[]>(static_cast<size_t>(this->threads));
  for (int thread = 1; thread < this->threads; ++thread)
    workers.emplace_back([this, thread] { work(thread); });
}

ThreadPool::~ThreadPool() {
  stopping.store(true);
  bell.fetch_add(1);
  syscall(SYS_futex, &bell, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  for (std::thread &worker : workers)
    worker.join();
}

int ThreadPool::run(void *context, Task task, int min, int size, uint8_t *closure) {
  if (threads == 1 || size <= 1 || insideTask) {
    int first = 0;
    for (int index = min; index < min + size; ++index)
      if (int code = task(context, index, closure); code != 0 && first == 0)
        first = code;
    return first;
  }

  this->context = context;
  this->task = task;
  this->closure = closure;
  result.store(0, std::memory_order_relaxed);
  for (int thread = 0; thread < threads; ++thread) {
    int64_t from = int64_t(size) * thread / threads, to = int64_t(size) * (thread + 1) / threads;
    shares[static_cast<size_t>(thread)].end = min + int(to);
    shares[static_cast<size_t>(thread)].next.store(min + int(from), std::memory_order_relaxed);
  }

  uint64_t number = state.load(std::memory_order_relaxed) / oneLoop + 1;
  state.store(number * oneLoop | openBit, std::memory_order_seq_cst);
  if (sleepers.load(std::memory_order_seq_cst) > 0) {
    bell.fetch_add(1);
    syscall(SYS_futex, &bell, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }

  takePart(0);
  state.fetch_and(~openBit, std::memory_order_seq_cst);
  for (int spin = 0; (state.load(std::memory_order_acquire) & insideMask) != 0; ++spin) {
    pause();
    if (spin > 2000) // the worker has lost its core
      sched_yield();
  }
  return result.load(std::memory_order_relaxed);
}

// Own share first, so that a thread sees the same rows in every loop and finds them in its cache.
void ThreadPool::takePart(int thread) {
  insideTask = true;
  int previous = threadNumber;
  threadNumber = thread;
  for (int turn = 0; turn < threads; ++turn) {
    Share &share = shares[static_cast<size_t>((thread + turn) % threads)];
    while (share.next.load(std::memory_order_relaxed) < share.end) {
      int index = share.next.fetch_add(1, std::memory_order_relaxed);
      if (index >= share.end)
        break;
      if (int code = task(context, index, closure); code != 0)
        result.store(code, std::memory_order_relaxed);
    }
  }
  threadNumber = previous;
  insideTask = false;
}

bool ThreadPool::enter(uint64_t &seen) {
  uint64_t now = state.load(std::memory_order_acquire);
  while ((now & openBit) != 0 && now / oneLoop != seen) {
    if (state.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel)) {
      seen = now / oneLoop;
      return true;
    }
  }
  return false;
}

bool ThreadPool::runBackground() {
  if (!backgroundReady.load(std::memory_order_acquire))
    return false;
  insideBackground.fetch_add(1, std::memory_order_seq_cst);
  BackgroundTask *task = background.load(std::memory_order_seq_cst);
  bool more = task && task->runPiece();
  if (!more)
    backgroundReady.store(false, std::memory_order_relaxed);
  insideBackground.fetch_sub(1, std::memory_order_seq_cst);
  return more;
}

void ThreadPool::setBackground(BackgroundTask *task) {
  background.store(task, std::memory_order_seq_cst);
  while (!task && insideBackground.load(std::memory_order_seq_cst) != 0)
    pause();
}

void ThreadPool::sleep(uint64_t seen) {
  uint32_t rung = bell.load(std::memory_order_seq_cst);
  sleepers.fetch_add(1, std::memory_order_seq_cst);
  uint64_t now = state.load(std::memory_order_seq_cst);
  bool work = (now & openBit) != 0 && now / oneLoop != seen;
  if (!work && !stopping.load(std::memory_order_seq_cst))
    syscall(SYS_futex, &bell, FUTEX_WAIT_PRIVATE, rung, nullptr, nullptr, 0);
  sleepers.fetch_sub(1, std::memory_order_seq_cst);
}

void ThreadPool::work(int thread) {
  flushDenormals();
  uint64_t seen = 0;
  int idle = 0;
  while (!stopping.load(std::memory_order_relaxed)) {
    if (enter(seen)) {
      takePart(thread);
      state.fetch_sub(1, std::memory_order_release);
      idle = 0;
    } else if (runBackground()) {
      idle = 0;
    } else if (++idle < spins) {
      pause();
    } else {
      sleep(seen);
      idle = 0;
    }
  }
}

} // namespace weir
