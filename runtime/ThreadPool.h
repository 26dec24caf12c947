// The threads behind Halide's parallel loops.
//
// A training step of a small MLP is 0.1 ms with a dozen kernels, so a fork and join must cost about
// a microsecond: workers spin for a short, bounded while before they sleep, and the caller never
// waits for a worker that has not woken up: it takes over that worker's share. Every index is
// computed alone, so results do not depend on who computes it, nor on how many threads there are.
#ifndef WEIR_RUNTIME_THREADPOOL_H
#define WEIR_RUNTIME_THREADPOOL_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace weir {

/// Work of small pieces that idle workers do between parallel loops (Batches.h prepares the next
/// batch so).
class BackgroundTask {
public:
  virtual ~BackgroundTask() = default;
  /// Does one piece, at most about a microsecond; returns false if nothing is left. Called from
  /// several threads.
  virtual bool runPiece() = 0;
};

class ThreadPool {
public:
  using Task = int (*)(void *context, int index, uint8_t *closure);

  /// A pool of `threads` threads, the caller of run() being one of them; 1 starts none.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  /// The most threads a pool may have.
  static constexpr int maximumThreads = 256;

  int threadCount() const { return threads; }

  /// Calls task(context, i, closure) for i in [min, min + size), and returns 0 or the first error
  /// code that was seen. A call from inside a task runs inline. Only one thread at a time may call
  /// it from outside.
  int run(void *context, Task task, int min, int size, uint8_t *closure);

  /// Calls `body(index, thread)` for index in [0, size); thread is in [0, threadCount()).
  template <typename Body> void forEach(int size, const Body &body) {
    run(
        const_cast<void *>(static_cast<const void *>(&body)),
        [](void *context, int index, uint8_t *) {
          (*static_cast<const Body *>(context))(index, currentThread());
          return 0;
        },
        0, size, nullptr);
  }

  /// The number of the calling thread within the pool whose task it runs; 0 outside.
  static int currentThread();

  /// Sets what idle workers do; with nullptr, returns when no worker is inside the old task any
  /// more.
  void setBackground(BackgroundTask *task);
  /// Says that the background task has new pieces. Nobody is woken for them: the caller finishes
  /// what is left.
  void announceBackground() { backgroundReady.store(true, std::memory_order_release); }

private:
  // A share of the loop: its owner takes indices from the front one by one, and so does a thread
  // that has finished its own. One cache line each.
  struct alignas(64) Share {
    std::atomic<int> next{0};
    int end = 0;
  };

  void work(int thread);
  bool enter(uint64_t &seen);
  void takePart(int thread);
  bool runBackground();
  void sleep(uint64_t seen);

  // bits 0-15: workers inside the loop; bit 16: the loop takes workers; above: its number.
  alignas(64) std::atomic<uint64_t> state{0};
  alignas(64) std::atomic<uint32_t> bell{0}; // futex word, rung when sleepers must look again
  std::atomic<int> sleepers{0};
  alignas(64) std::atomic<BackgroundTask *> background{nullptr};
  std::atomic<bool> backgroundReady{false};
  std::atomic<int> insideBackground{0};

  alignas(64) void *context = nullptr;
  Task task = nullptr;
  uint8_t *closure = nullptr;
  std::atomic<int> result{0};
  std::atomic<bool> stopping{false};

  int threads;
  int spins;
  std::unique_ptr<Share[]> shares;
  std::vector<std::thread> workers;
};

} // namespace weir

#endif
