//===- Roofline.cpp - see Roofline.h ---------------------------------------------------------===//
//
// Clang's vector types stand for the widest registers of each instruction set; `target_clones`
// would pick a version at load time, but not give the vectors its width.
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/inspect/Roofline.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace weir {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int sums = 16; ///< independent chains: latency times instructions a cycle, and some more

template <int Width> using Vector = float __attribute__((ext_vector_type(Width)));

#define WEIR_ROOFLINE_VERSION(NAME, TARGET, WIDTH)                                                 \
  __attribute__((target(TARGET), noinline)) float multiplyAdd##NAME(int64_t turns) {               \
    Vector<WIDTH> sum[sums] = {}, factor = 1.0f - 1e-7f, term = 1e-7f;                             \
    for (int64_t turn = 0; turn < turns; ++turn)                                                   \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < sums; ++i) sum[i] =                   \
          sum[i] * factor + term;                                                                  \
    Vector<WIDTH> all = sum[0];                                                                    \
    for (int i = 1; i < sums; ++i)                                                                 \
      all += sum[i];                                                                               \
    return all[0];                                                                                 \
  }                                                                                                \
  __attribute__((target(TARGET), noinline)) float read##NAME(const float *data, int64_t count) {   \
    Vector<WIDTH> sum[4] = {};                                                                     \
    for (int64_t i = 0; i + 4 * WIDTH <= count; i += 4 * WIDTH)                                    \
      _Pragma("clang loop unroll(full)") for (int j = 0; j < 4; ++j) sum[j] +=                     \
          *reinterpret_cast<const Vector<WIDTH> *>(data + i + j * WIDTH);                          \
    return (sum[0] + sum[1] + sum[2] + sum[3])[0];                                                 \
  }

WEIR_ROOFLINE_VERSION(Wide, "avx512f", 16)
WEIR_ROOFLINE_VERSION(Middle, "avx2,fma", 8)
WEIR_ROOFLINE_VERSION(Plain, "sse2", 4)

struct Version {
  int width;
  float (*multiplyAdd)(int64_t);
  float (*read)(const float *, int64_t);
};

Version versionHere() {
  if (__builtin_cpu_supports("avx512f"))
    return {16, multiplyAddWide, readWide};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {8, multiplyAddMiddle, readMiddle};
  return {4, multiplyAddPlain, readPlain};
}

/// Nanoseconds of the quickest of a few turns of `work` on all threads at once.
template <typename Work> double quickest(int threads, Work work) {
  double best = 1e30;
  for (int turn = 0; turn < 6; ++turn) {
    const auto began = Clock::now();
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i)
      others.emplace_back(work, i);
    work(0);
    for (std::thread &other : others)
      other.join();
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - began).count());
  }
  return best;
}

} // namespace

Roofline measureRoofline(int64_t bytes, int threads) {
  const Version version = versionHere();
  static std::atomic<float> sink; // so that the work is not left out
  Roofline result;
  constexpr int64_t turns = 200'000;
  result.operations = 2.0 * sums * version.width * turns * threads /
                      quickest(threads, [&](int) { sink = version.multiplyAdd(turns); });
  constexpr int64_t least = 64 << 10, most = 256 << 20, enough = 16 << 20;
  // Each thread goes through its share of the block.
  const int64_t count = std::clamp(bytes, least, most) / threads / 256 * 64;
  const int64_t repeats = std::max<int64_t>(1, enough / (count * 4));
  struct Aligned {
    alignas(64) float values[64];
  };
  std::vector<Aligned> block(count / 64 * threads);
  const double nanoseconds = quickest(threads, [&](int thread) {
    for (int64_t repeat = 0; repeat < repeats; ++repeat)
      sink = version.read(block[count / 64 * thread].values, count);
  });
  result.block = count * 4 * threads;
  result.bytes = double(result.block) * double(repeats) / nanoseconds;
  return result;
}

} // namespace weir
