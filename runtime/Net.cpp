// Calls into compiled code; see Net.h.
#include "runtime/Net.h"
#include "runtime/Error.h"
#include "runtime/Initialize.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace weir {

namespace {
// Denormal numbers cost a hundred cycles each and mean nothing to training: they are flushed to
// zero (FTZ, DAZ) while compiled code runs, in this thread and, for their whole life, in the
// pool's.
class FlushDenormals {
#if defined(__x86_64__)
public:
  FlushDenormals() : before(_mm_getcsr()) { _mm_setcsr(before | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(before); }

private:
  unsigned before;
#endif
};
} // namespace

Net::Net(const Manifest &manifest, int threadCount)
    : manifest(manifest), threads(std::make_unique<ThreadPool>(threadCount)),
      variables(manifest.variablesBytes, "the net's variables"),
      arena(manifest.arenaBytes(), "the net's arena") {
  context.pool = threads.get();
}

void Net::initialize(uint64_t seed) {
  for (const Variable &variable : manifest.variables)
    weir::initialize(variable, seed, values(variable), *threads);
}

void Net::run(const Entry &entry, void *const *arguments, uint8_t *arena, int64_t *stamps) {
  [[maybe_unused]] FlushDenormals flush;
  int code = stamps ? entry.code->run_timed(&context, variables.data(), arena, arguments, stamps)
                    : entry.code->run(&context, variables.data(), arena, arguments);
  if (code != 0)
    failInternally("'%s' failed with code %d%s%s", entry.name.c_str(), code,
                   context.error.empty() ? "" : ": ", context.error.c_str());
}

void Net::infer(const Entry &entry, const float *images, float *logits) {
  void *arguments[] = {const_cast<float *>(images), logits};
  run(entry, arguments);
}

Net::StepResult Net::trainStep(const Entry &entry, const float *images, const int32_t *labels,
                               float learningRate, uint64_t seed, uint64_t step) {
  int32_t random[3] = {int32_t(uint32_t(seed)), int32_t(uint32_t(seed >> 32)),
                       int32_t(uint32_t(step))};
  StepResult result{0, 0};
  void *arguments[] = {const_cast<float *>(images),
                       const_cast<int32_t *>(labels),
                       &learningRate,
                       random,
                       &result.loss,
                       &result.correct};
  run(entry, arguments);
  return result;
}

} // namespace weir
