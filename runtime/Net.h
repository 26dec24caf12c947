// A compiled net in memory: its variables, arena and threads; and where it runs on a GPU, what
// DeviceNet.h holds there, of which the host's variables are a copy that is brought up to date when
// it is looked at.
//
// Before: Manifest.h says what to allocate, Device.h where. After: Trainer, Evaluate, BenchCommand
// and the C library call run().
#ifndef WEIR_RUNTIME_NET_H
#define WEIR_RUNTIME_NET_H

#include "runtime/Block.h"
#include "runtime/Context.h"
#include "runtime/Device.h"
#include "runtime/DeviceNet.h"

#include <memory>

namespace weir {

class Net {
public:
  /// Allocates variables (those that were compiled in have their values, others are zero) and one
  /// arena; `manifest` must outlive the net.
  Net(const Manifest &manifest, int threads);
  /// The same on a device, whose manifest must outlive the net. UserError where it does not fit.
  Net(const Device &device, int threads);

  const Manifest &manifest;

  bool isOnDevice() const { return remote != nullptr; }

  ThreadPool &pool() { return *threads; }

  /// Sets every variable to its first value for `seed`; those that were compiled in keep theirs.
  void initialize(uint64_t seed);

  /// The f32 values of a variable, `variable.elements` of them, row-major.
  float *values(const Variable &variable) {
    return reinterpret_cast<float *>(block().data() + variable.offset);
  }
  const float *values(const Variable &variable) const {
    return reinterpret_cast<const float *>(block().data() + variable.offset);
  }

  /// Runs an entry of CPU code with the net's own arena. Throws InternalError if a kernel fails.
  void run(const Entry &entry, void *const *arguments) {
    run(entry, arguments, arena.data(), nullptr);
  }
  /// The same with another arena (entry.arenaBytes, 64-byte aligned); with `stamps`, kernel count +
  /// 1 times.
  void run(const Entry &entry, void *const *arguments, uint8_t *arena, int64_t *stamps);

  /// Logits [entry.batch, classes] of images [entry.batch, h, w, c], both f32.
  void infer(const Entry &entry, const float *images, float *logits);
  /// Logits of the first `values` / classes images that `fill` writes. On a device they are there
  /// after finishInference().
  void queueInfer(const Entry &entry, const std::function<void(float *)> &fill, float *logits,
                  uint64_t values);
  void finishInference();

  /// One training step number `step` (from 0) on entry.batch images and labels.
  StepResult trainStep(const Entry &entry, const float *images, const int32_t *labels,
                       float learningRate, uint64_t seed, uint64_t step);
  /// The same without waiting for it: appends the results that are known to `done`, in order. On
  /// the CPU that is this step's, on a device those of steps before.
  void queueStep(const Entry &entry, const float *images, const int32_t *labels, float learningRate,
                 uint64_t seed, uint64_t step, std::vector<StepResult> &done);
  /// Puts a data set on the device for queueStepOf(); false on the CPU, or where it does not fit.
  bool keepData(const Dataset &data, const Normalizer &normalizer) {
    return isOnDevice() && remote->keepData(data, normalizer);
  }
  /// The same on the images called `index` of the data set that the device keeps.
  void queueStepOf(const Entry &entry, const uint32_t *index, float learningRate, uint64_t seed,
                   uint64_t step, std::vector<StepResult> &done);
  /// Waits for all steps.
  void finishSteps(std::vector<StepResult> &done);

  /// Runs an entry on whatever its inputs hold on the device, and writes kernel count + 1 times.
  void runTimedOnDevice(const Entry &entry, int64_t *stamps);

  /// All bytes of the variables, to copy and restore them. On a device the constant one brings
  /// them here where steps have changed them, the other also takes them back before the next call.
  Block &block() {
    bringHere();
    hostIsNewer = isOnDevice();
    return variables;
  }
  const Block &block() const {
    bringHere();
    return variables;
  }

private:
  void takeEmbedded();
  void bringHere() const;
  void takeThere();

  std::unique_ptr<ThreadPool> threads;
  Context context;
  mutable Block variables;
  Block arena; // of CPU code
  std::unique_ptr<DeviceNet> remote;
  mutable bool deviceIsNewer = false;
  bool hostIsNewer = false;
};

} // namespace weir

#endif
