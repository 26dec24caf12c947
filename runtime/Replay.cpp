// Recording, the trials and what stays; see Replay.h.
#include "runtime/Replay.h"
#include "runtime/Program.h"

#include <utility>

namespace weir {

constexpr unsigned trialCalls = 6;

// Nothing can be done about failures here.
Replay::~Replay() {
  try {
    for (const Trial &trial : trials)
      if (trial.recording)
        device.dropRecording(trial.recording);
  } catch (const std::exception &) { // NOLINT(bugprone-empty-catch): see above
  }
}

uint64_t Replay::record(Accelerator::Waits waits) {
  device.beginRecording(waits);
  try {
    launch();
  } catch (...) {
    device.endRecording();
    throw;
  }
  return device.endRecording();
}

// The first call loads kernels and fills the pool of scratch memory, which a recording may not.
void Replay::run() {
  const unsigned number = runs++;
  if (number == 0 || refused || !device.canRecord())
    return launch();
  if (number == 1) {
    trials[0].recording = record(Accelerator::Waits::ForAll);
    trials[1].recording = record(Accelerator::Waits::AsNeeded);
    refused = !trials[0].recording || !trials[1].recording;
    if (refused)
      return launch();
  }
  if (number <= trialCalls)
    return tryNext();
  device.replay(trials[0].recording);
}

void Replay::tryNext() {
  Trial &trial = trials[runs % 2];
  device.finish();
  const int64_t began = weir_now_ns();
  device.replay(trial.recording);
  device.finish();
  trial.least = std::min(trial.least, weir_now_ns() - began);
  if (runs != trialCalls + 1)
    return;
  if (trials[1].least < trials[0].least)
    std::swap(trials[0], trials[1]);
  device.dropRecording(trials[1].recording);
  trials[1].recording = 0;
}

} // namespace weir
