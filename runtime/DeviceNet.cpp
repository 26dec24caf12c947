// Slots, recordings and memory of a net on a GPU; see DeviceNet.h.
#include "runtime/DeviceNet.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cstring>

namespace weir {

// Loss, then correct answers, at the first two aligned places.
static constexpr uint64_t correctAt = Accelerator::alignment,
                          stepResultBytes = correctAt + sizeof(int32_t);

DeviceNet::Layout DeviceNet::layoutOf(const Entry &entry) const {
  Layout layout;
  const uint64_t batch = uint64_t(entry.batch);
  layout.bytes = batch * manifest.imageSize() * sizeof(float);
  if (entry.kind != Entry::Kind::Train)
    return layout;
  layout.labels = Accelerator::aligned(layout.bytes);
  layout.learningRate = Accelerator::aligned(layout.labels + batch * sizeof(int32_t));
  layout.random = layout.learningRate + Accelerator::alignment;
  layout.bytes = layout.random + 3 * sizeof(int32_t);
  layout.index = layout.random + Accelerator::alignment;
  layout.gatheredEnd = layout.index + batch * sizeof(uint32_t);
  return layout;
}

DeviceNet::DeviceNet(const Manifest &manifest, std::shared_ptr<Accelerator> given)
    : manifest(manifest), device(std::move(given)) {
  context.device = device.get();
  device->enter();
  uint64_t inputBytes = 0, resultBytes = stepResultBytes;
  for (const Entry &entry : manifest.entries) {
    const Layout layout = layoutOf(entry);
    inputBytes = std::max({inputBytes, layout.bytes, layout.gatheredEnd});
    resultBytes =
        std::max(resultBytes, uint64_t(entry.batch) * uint64_t(manifest.classes) * sizeof(float));
  }
  variables = device->allocate(manifest.variablesBytes, "the net's variables");
  arena = device->allocate(manifest.arenaBytes(), "the net's arena");
  inputs = device->allocate(inputBytes, "a batch of inputs");
  results = device->allocate(resultBytes, "a batch of results");
  for (Slot &slot : slots) {
    slot.inputs = static_cast<uint8_t *>(device->allocateHost(inputBytes, "a batch of inputs"));
    slot.results = static_cast<uint8_t *>(device->allocateHost(resultBytes, "a batch of results"));
  }
}

// After a fault of the device nothing can be released; the process is about to end then.
DeviceNet::~DeviceNet() {
  try {
    device->enter();
    device->finish();
    replays.clear();
    for (Slot &slot : slots) {
      device->releaseHost(slot.inputs);
      device->releaseHost(slot.results);
    }
    for (uint64_t address :
         {variables, arena, inputs, results, kept.pixels, kept.labels, kept.factors})
      if (address)
        device->release(address);
  } catch (const std::exception &) { // NOLINT(bugprone-empty-catch): nothing can be done here
  }
}

void DeviceNet::readVariables(uint8_t *to) {
  device->enter();
  device->download(to, variables, manifest.variablesBytes);
  device->finish();
}

// The host's bytes are ordinary memory: they may change once the copy is done, not before.
void DeviceNet::writeVariables(const uint8_t *from) {
  device->enter();
  device->upload(variables, from, manifest.variablesBytes);
  device->finish();
}

void DeviceNet::collect(Slot &slot, std::vector<StepResult> &done) {
  if (!slot.busy)
    return;
  slot.busy = false;
  device->wait(slot.mark);
  if (slot.logits) {
    std::memcpy(slot.logits, slot.results, slot.logitsBytes);
    return;
  }
  StepResult result;
  std::memcpy(&result.loss, slot.results, sizeof result.loss);
  std::memcpy(&result.correct, slot.results + correctAt, sizeof result.correct);
  done.push_back(result);
}

DeviceNet::Slot &DeviceNet::nextSlot(std::vector<StepResult> &done) {
  device->enter();
  Slot &slot = slots[turn++ % 2];
  collect(slot, done);
  return slot;
}

void DeviceNet::queueInfer(const Entry &entry, const std::function<void(float *)> &fill,
                           float *logits, uint64_t values) {
  std::vector<StepResult> none;
  Slot &slot = nextSlot(none);
  fill(reinterpret_cast<float *>(slot.inputs));
  device->upload(inputs, slot.inputs, layoutOf(entry).bytes);
  run(entry, /*gathers=*/false);
  slot.logits = logits;
  slot.logitsBytes = values * sizeof(float);
  device->download(slot.results, results, slot.logitsBytes);
  slot.mark = device->mark();
  slot.busy = true;
}

void DeviceNet::queueStep(const Entry &entry, const float *images, const int32_t *labels,
                          float learningRate, const int32_t (&random)[3],
                          std::vector<StepResult> &done) {
  Slot &slot = nextSlot(done);
  const Layout layout = layoutOf(entry);
  const uint64_t batch = uint64_t(entry.batch);
  std::memcpy(slot.inputs, images, batch * manifest.imageSize() * sizeof(float));
  std::memcpy(slot.inputs + layout.labels, labels, batch * sizeof(int32_t));
  std::memcpy(slot.inputs + layout.learningRate, &learningRate, sizeof learningRate);
  std::memcpy(slot.inputs + layout.random, random, sizeof random);
  device->upload(inputs, slot.inputs, layout.bytes);
  finishStep(entry, slot, /*gathers=*/false);
}

void DeviceNet::queueStepOf(const Entry &entry, const uint32_t *index, float learningRate,
                            const int32_t (&random)[3], std::vector<StepResult> &done) {
  Slot &slot = nextSlot(done);
  const Layout layout = layoutOf(entry);
  std::memcpy(slot.inputs + layout.learningRate, &learningRate, sizeof learningRate);
  std::memcpy(slot.inputs + layout.random, random, sizeof random);
  std::memcpy(slot.inputs + layout.index, index, uint64_t(entry.batch) * sizeof *index);
  device->upload(inputs + layout.learningRate, slot.inputs + layout.learningRate,
                 layout.gatheredEnd - layout.learningRate);
  finishStep(entry, slot, /*gathers=*/true);
}

void DeviceNet::finishStep(const Entry &entry, Slot &slot, bool gathers) {
  run(entry, gathers);
  slot.logits = nullptr;
  device->download(slot.results, results, stepResultBytes);
  slot.mark = device->mark();
  slot.busy = true;
}

void DeviceNet::finish(std::vector<StepResult> &done) {
  device->enter();
  collect(slots[turn % 2], done); // the older one first
  collect(slots[(turn + 1) % 2], done);
}

void DeviceNet::run(const Entry &entry, bool gathers) {
  std::unique_ptr<Replay> &replay = replays[{&entry, gathers}];
  if (!replay)
    replay = std::make_unique<Replay>(*device, [this, &entry, gathers] {
      device->restScratch();
      if (gathers)
        gather(entry);
      call(entry, nullptr);
    });
  replay->run();
}

void DeviceNet::call(const Entry &entry, int64_t *stamps) {
  const Layout layout = layoutOf(entry);
  auto pointer = [](uint64_t address) { return reinterpret_cast<void *>(address); };
  void *trainArguments[] = {pointer(inputs),
                            pointer(inputs + layout.labels),
                            pointer(inputs + layout.learningRate),
                            pointer(inputs + layout.random),
                            pointer(results),
                            pointer(results + correctAt)};
  void *inferArguments[] = {pointer(inputs), pointer(results)};
  void *const *arguments = entry.kind == Entry::Kind::Train ? trainArguments : inferArguments;
  auto *variableBlock = static_cast<uint8_t *>(pointer(variables));
  auto *arenaBlock = static_cast<uint8_t *>(pointer(arena));
  context.failure = nullptr;
  const int code =
      stamps ? entry.code->run_timed(&context, variableBlock, arenaBlock, arguments, stamps)
             : entry.code->run(&context, variableBlock, arenaBlock, arguments);
  if (context.failure)
    std::rethrow_exception(context.failure);
  if (code != 0)
    failInternally("'%s' failed with code %d", entry.name.c_str(), code);
}

void DeviceNet::runTimed(const Entry &entry, int64_t *stamps) {
  device->enter();
  device->finish();
  device->restScratch();
  call(entry, stamps);
}

} // namespace weir
