// A compiled net in memory: its variables, arena and threads.
//
// Before: Manifest.h says what to allocate. After: Trainer, Evaluate, BenchCommand and the C
// library call run().
#ifndef WEIR_RUNTIME_NET_H
#define WEIR_RUNTIME_NET_H

#include "runtime/Block.h"
#include "runtime/Context.h"
#include "runtime/Manifest.h"

#include <array>
#include <memory>

namespace weir {

class Net {
public:
  /// Allocates variables (zeroed) and one arena; `manifest` must outlive the net.
  Net(const Manifest &manifest, int threads);

  const Manifest &manifest;

  ThreadPool &pool() { return *threads; }

  /// Sets every variable to its first value for `seed`.
  void initialize(uint64_t seed);

  /// The f32 values of a variable, `variable.elements` of them, row-major.
  float *values(const Variable &variable) {
    return reinterpret_cast<float *>(variables.data() + variable.offset);
  }
  const float *values(const Variable &variable) const {
    return reinterpret_cast<const float *>(variables.data() + variable.offset);
  }

  /// Runs an entry with the net's own arena. Throws InternalError if a kernel fails.
  void run(const Entry &entry, void *const *arguments) {
    run(entry, arguments, arena.data(), nullptr);
  }
  /// The same with another arena (entry.arenaBytes, 64-byte aligned); with `stamps`, kernel count +
  /// 1 times.
  void run(const Entry &entry, void *const *arguments, uint8_t *arena, int64_t *stamps);

  /// Logits [entry.batch, classes] of images [entry.batch, h, w, c], both f32.
  void infer(const Entry &entry, const float *images, float *logits);

  struct StepResult {
    float loss;
    int32_t correct;
  };
  /// One training step number `step` (from 0) on entry.batch images and labels.
  StepResult trainStep(const Entry &entry, const float *images, const int32_t *labels,
                       float learningRate, uint64_t seed, uint64_t step);

  /// All bytes of the variables, to copy and restore them.
  Block &block() { return variables; }
  const Block &block() const { return variables; }

private:
  std::unique_ptr<ThreadPool> threads;
  Context context;
  Block variables, arena;
};

} // namespace weir

#endif
