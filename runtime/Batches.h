// Batches for training: gathered, moved, normalised, one ahead of the step.
//
// Before: Dataset, Sampler, Augment and Normalizer. After: Trainer. While step n runs, idle workers
// of the pool gather the images of step n + 1; what they did not get to, the caller does.
#ifndef WEIR_RUNTIME_BATCHES_H
#define WEIR_RUNTIME_BATCHES_H

#include "runtime/Augment.h"
#include "runtime/Block.h"
#include "runtime/Dataset.h"
#include "runtime/Sampler.h"
#include "runtime/ThreadPool.h"

namespace weir {

/// Where a batch's images come from and what becomes of them.
struct ImageSource {
  const Dataset &data;
  const Normalizer &normalizer;
  const Augmenter &augmenter;
};

class Batches : private BackgroundTask {
public:
  /// The batches of `source` for steps firstStep .. endStep - 1. All that the arguments refer to
  /// must outlive the object.
  Batches(const ImageSource &source, Sampler &sampler, uint64_t batch, uint64_t firstStep,
          uint64_t endStep, ThreadPool &pool);
  ~Batches() override;

  struct Batch {
    const float *images;   // [batch, h, w, c]
    const int32_t *labels; // [batch]
  };
  /// The batch of the next step; valid until the next call. Starts on the one behind it.
  Batch next();

private:
  bool runPiece() override;
  void start();
  void finish();
  void gather(uint64_t slot);
  void fetch(uint64_t ofStep, uint64_t slot) const;

  const ImageSource source;
  Sampler &sampler;
  const uint64_t batch;
  uint64_t step; // the one being gathered
  const uint64_t endStep;
  bool nextIsKnown = false; // the sampler also knows the images of step + 1
  ThreadPool &pool;

  struct Buffer {
    Block images, labels;
  };
  Buffer buffers[2];

  alignas(64) std::atomic<uint32_t> ticket{0};
  std::atomic<uint32_t> done{0};
};

} // namespace weir

#endif
