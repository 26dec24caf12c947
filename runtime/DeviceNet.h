// A net's memory on a GPU, and the calls that run there.
//
// Before: Net.cpp has chosen a device. After: Accelerator.h queues copies and launches. Calls go
// through two slots of host memory that stays in place: while the device works on one, the host
// fills the other, and it waits only for the call before the last. What a call gives comes back
// when its slot is needed again, or at finish(). From its second call on, an entry point is one
// recorded launch where the driver can (a CUDA graph): see Replay.h.
#ifndef WEIR_RUNTIME_DEVICENET_H
#define WEIR_RUNTIME_DEVICENET_H

#include "runtime/Accelerator.h"
#include "runtime/Context.h"
#include "runtime/Dataset.h"
#include "runtime/Manifest.h"
#include "runtime/Replay.h"

#include <functional>
#include <memory>

namespace weir {

/// The loss and the correct answers of one training step.
struct StepResult {
  float loss = 0;
  int32_t correct = 0;
};

/// Bytes that a net takes on a device. `reserve` is for what kernels take inside: it is not in the
/// plan.
struct DeviceMemoryNeed {
  uint64_t variables = 0, arena = 0, inputs = 0, reserve = 0;
  uint64_t total() const { return variables + arena + inputs + reserve; }
};
DeviceMemoryNeed deviceMemoryNeed(const Manifest &manifest);

/// Throws UserError where the net does not fit into `free` bytes or its arena into one block of
/// `largestBlock`, with the largest batch that would.
void checkDeviceMemory(const Manifest &manifest, const std::string &device, uint64_t free,
                       uint64_t largestBlock);

class DeviceNet {
public:
  /// Allocates variables (zeros), arena and the slots. `manifest` must outlive the object.
  DeviceNet(const Manifest &manifest, std::shared_ptr<Accelerator> device);
  ~DeviceNet();
  DeviceNet(const DeviceNet &) = delete;
  DeviceNet &operator=(const DeviceNet &) = delete;

  /// All bytes of the variables, when what is queued is done.
  void readVariables(uint8_t *to);
  void writeVariables(const uint8_t *from);

  /// Queues an inference; `fill` writes the images into memory that is taken over at once,
  /// `logits` is written until finish() returns.
  void queueInfer(const Entry &entry, const std::function<void(float *)> &fill, float *logits,
                  uint64_t values);
  /// Queues a training step; appends the results that are known by now to `done`, in order.
  void queueStep(const Entry &entry, const float *images, const int32_t *labels, float learningRate,
                 const int32_t (&random)[3], std::vector<StepResult> &done);
  /// Puts a data set there for queueStepOf(), if it fits into what is free; false if not.
  bool keepData(const Dataset &data, const Normalizer &normalizer);
  /// The same step on the images called `index`, entry.batch of them, of the data set that is kept:
  /// only their numbers go there.
  void queueStepOf(const Entry &entry, const uint32_t *index, float learningRate,
                   const int32_t (&random)[3], std::vector<StepResult> &done);
  /// Waits for everything that was queued.
  void finish(std::vector<StepResult> &done);

  /// Runs the entry on what its inputs hold, and writes kernel count + 1 times. The device is
  /// waited for between kernels.
  void runTimed(const Entry &entry, int64_t *stamps);

private:
  /// Where the arguments of an entry lie in the block of inputs, and how many bytes that is.
  struct Layout {
    uint64_t labels = 0, learningRate = 0, random = 0, bytes = 0;
    uint64_t index = 0, gatheredEnd = 0; // of queueStepOf(), behind the others
  };
  struct Slot {
    uint8_t *inputs = nullptr, *results = nullptr;
    bool busy = false;
    uint64_t mark = 0;
    float *logits = nullptr; // where results go; nullptr for a training step
    uint64_t logitsBytes = 0;
  };
  Layout layoutOf(const Entry &entry) const;
  Slot &nextSlot(std::vector<StepResult> &done);
  void collect(Slot &slot, std::vector<StepResult> &done);
  void finishStep(const Entry &entry, Slot &slot, bool gathers);
  void run(const Entry &entry, bool gathers);
  void gather(const Entry &entry);
  void call(const Entry &entry, int64_t *stamps);

  const Manifest &manifest;
  std::shared_ptr<Accelerator> device;
  Context context;
  uint64_t variables = 0, arena = 0, inputs = 0, results = 0;
  Slot slots[2];
  unsigned turn = 0;
  std::map<std::pair<const Entry *, bool>, std::unique_ptr<Replay>> replays; // with the gather?
  // The data set that is kept.
  struct Kept {
    uint64_t pixels = 0, labels = 0, factors = 0, count = 0;
    void *kernel = nullptr; // loaded
  } kept;
};

} // namespace weir

#endif
