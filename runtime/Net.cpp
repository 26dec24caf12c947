// Calls into compiled code; see Net.h.
#include "runtime/Net.h"
#include "runtime/Error.h"
#include "runtime/Initialize.h"

#include <algorithm>

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
  takeEmbedded();
}

Net::Net(const Device &device, int threadCount)
    : manifest(*device.manifest), threads(std::make_unique<ThreadPool>(threadCount)),
      variables(manifest.variablesBytes, "the net's variables") {
  context.pool = threads.get();
  if (!device.accelerator) {
    arena = Block(manifest.arenaBytes(), "the net's arena");
    takeEmbedded();
    return;
  }
  Accelerator &memory = *device.accelerator;
  memory.enter();
  checkDeviceMemory(manifest, device.name, memory.freeBytes(), memory.largestBlock());
  remote = std::make_unique<DeviceNet>(manifest, device.accelerator);
  takeEmbedded();
}

void Net::takeEmbedded() {
  if (manifest.weights)
    std::copy_n(manifest.weights->values, manifest.variablesBytes, block().data());
}

void Net::initialize(uint64_t seed) {
  if (manifest.weights)
    return;
  for (const Variable &variable : manifest.variables)
    weir::initialize(variable, seed, values(variable), *threads);
}

void Net::bringHere() const {
  if (deviceIsNewer)
    remote->readVariables(variables.data());
  deviceIsNewer = false;
}

void Net::takeThere() {
  if (hostIsNewer)
    remote->writeVariables(variables.data());
  hostIsNewer = false;
}

void Net::run(const Entry &entry, void *const *arguments, uint8_t *arena, int64_t *stamps) {
  [[maybe_unused]] FlushDenormals flush;
  int code = stamps ? entry.code->run_timed(&context, variables.data(), arena, arguments, stamps)
                    : entry.code->run(&context, variables.data(), arena, arguments);
  if (code != 0)
    failInternally("'%s' failed with code %d%s%s", entry.name.c_str(), code,
                   context.error.empty() ? "" : ": ", context.error.c_str());
}

// By all threads: one takes 0.3 ms for 1024 images of MNIST, longer than an H100 for their logits.
static void copy(ThreadPool &pool, const float *from, uint64_t count, float *to) {
  constexpr uint64_t piece = 1 << 16;
  pool.forEach(int((count + piece - 1) / piece), [&](int index, int) {
    const uint64_t first = uint64_t(index) * piece;
    std::copy_n(from + first, std::min(piece, count - first), to + first);
  });
}

void Net::infer(const Entry &entry, const float *images, float *logits) {
  if (isOnDevice()) {
    const uint64_t batch = uint64_t(entry.batch), size = batch * manifest.imageSize();
    queueInfer(
        entry, [&](float *values) { copy(*threads, images, size, values); }, logits,
        batch * uint64_t(manifest.classes));
    return finishInference();
  }
  void *arguments[] = {const_cast<float *>(images), logits};
  run(entry, arguments);
}

void Net::queueInfer(const Entry &entry, const std::function<void(float *)> &fill, float *logits,
                     uint64_t values) {
  takeThere();
  remote->queueInfer(entry, fill, logits, values);
}

void Net::finishInference() {
  std::vector<StepResult> none;
  remote->finish(none);
}

StepResult Net::trainStep(const Entry &entry, const float *images, const int32_t *labels,
                          float learningRate, uint64_t seed, uint64_t step) {
  std::vector<StepResult> done;
  queueStep(entry, images, labels, learningRate, seed, step, done);
  finishSteps(done);
  return done.back();
}

using Counters = int32_t[3]; // of dropout: the seed's halves and the step
static void setCounters(Counters &random, uint64_t seed, uint64_t step) {
  random[0] = int32_t(uint32_t(seed));
  random[1] = int32_t(uint32_t(seed >> 32));
  random[2] = int32_t(uint32_t(step));
}

void Net::queueStepOf(const Entry &entry, const uint32_t *index, float learningRate, uint64_t seed,
                      uint64_t step, std::vector<StepResult> &done) {
  Counters random;
  setCounters(random, seed, step);
  takeThere();
  remote->queueStepOf(entry, index, learningRate, random, done);
  deviceIsNewer = true;
}

void Net::queueStep(const Entry &entry, const float *images, const int32_t *labels,
                    float learningRate, uint64_t seed, uint64_t step,
                    std::vector<StepResult> &done) {
  Counters random;
  setCounters(random, seed, step);
  if (isOnDevice()) {
    takeThere();
    remote->queueStep(entry, images, labels, learningRate, random, done);
    deviceIsNewer = true;
    return;
  }
  StepResult result;
  void *arguments[] = {const_cast<float *>(images),
                       const_cast<int32_t *>(labels),
                       &learningRate,
                       random,
                       &result.loss,
                       &result.correct};
  run(entry, arguments);
  done.push_back(result);
}

void Net::finishSteps(std::vector<StepResult> &done) {
  if (isOnDevice())
    remote->finish(done);
}

void Net::runTimedOnDevice(const Entry &entry, int64_t *stamps) {
  takeThere();
  remote->runTimed(entry, stamps);
  deviceIsNewer |= entry.kind == Entry::Kind::Train;
}

} // namespace weir
