// A row of launches that is called again and again: launched one by one at first, then recorded and
// repeated as one.
//
// Before: DeviceNet.cpp says what to launch. After: Accelerator.h records. Side by side is not
// always faster than one after the other: where launches fill the GPU, waiting for several costs
// more than it gains (SqueezeNet's inference of 64 images takes an H100 0.30 ms in order and 0.37
// side by side; its training step 1.86 and 1.55). So both are recorded, the first calls time them
// in turns, and the faster one stays. What is computed is the same bit for bit.
#ifndef WEIR_RUNTIME_REPLAY_H
#define WEIR_RUNTIME_REPLAY_H

#include "runtime/Accelerator.h"

#include <functional>

namespace weir {

class Replay {
public:
  Replay(Accelerator &device, std::function<void()> launch)
      : device(device), launch(std::move(launch)) {}
  ~Replay();
  Replay(const Replay &) = delete;
  Replay &operator=(const Replay &) = delete;

  /// Queues the launches. The first seven calls may wait for the device.
  void run();

private:
  struct Trial {
    uint64_t recording = 0;
    int64_t least = INT64_MAX; // ns
  };
  uint64_t record(Accelerator::Waits waits);
  void tryNext();

  Accelerator &device;
  std::function<void()> launch;
  unsigned runs = 0;
  bool refused = false;
  Trial trials[2]; // in order and side by side; after the trials the first is the one that stays
};

} // namespace weir

#endif
