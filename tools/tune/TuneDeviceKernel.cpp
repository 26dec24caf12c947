//===- TuneDeviceKernel.cpp - kernels for a GPU, loaded and timed ----------------------------===//
//
// By the hooks and the accelerator of the programs' runtime. A set of operands and results is one
// block on the device, with bytes between the values that no kernel may touch. A batch of launches
// ends with a wait for the device: what the host does for a launch counts only where the device
// waits for it, as in a step. What fails on a device may leave it unusable; the tuner then ends
// this process (TuneProcessLab.cpp).
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Quantization.h"
#include "runtime/Accelerator.h"
#include "runtime/Program.h"
#include "tools/tune/TuneDevice.h"
#include "tools/tune/TuneMemory.h"
#include "tools/tune/TuneObjects.h"

#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <map>

namespace weir {
namespace {

constexpr uint64_t gap = Accelerator::alignment; ///< before and behind each value
constexpr uint8_t untouched = 0x5a;

/// Innermost first, as kernels describe them (passes/LowerToLlvm.cpp).
llvm::SmallVector<HalideDimension, 4> dimensionsOf(const TuneMemory::Value &value) {
  llvm::SmallVector<HalideDimension, 4> dimensions;
  int64_t stride = 1;
  for (const int64_t extent : llvm::reverse(value.type.getShape())) {
    dimensions.push_back({0, static_cast<int32_t>(extent), static_cast<int32_t>(stride), 0});
    stride = value.pitch != 0 && dimensions.size() == 1 ? value.pitch : stride * extent;
  }
  return dimensions;
}

/// A kernel's operands and results on the device.
class DeviceSet {
public:
  DeviceSet(KernelOp kernel, const TuneSetting &setting, Accelerator &device)
      : device(device), memory(kernel, setting, TuneMemory::Layout::Packed) {
    uint64_t size = gap;
    const auto place = [&](const TuneMemory::Value &value) {
      const auto bytes = static_cast<uint64_t>(value.bytes());
      const auto [known, isNew] = places.try_emplace(value.data, Place{size, bytes});
      if (isNew) // a result may lie over an operand
        size += Accelerator::aligned(bytes) + gap;
      return known->second.offset;
    };
    for (const auto *values : {&memory.operands(), &memory.results()})
      for (const TuneMemory::Value &value : *values) {
        dimensions.push_back(dimensionsOf(value));
        HalideBuffer &buffer = buffers.emplace_back();
        buffer = {};
        buffer.device = place(value); // the block's address is added below
        buffer.flags = values == &memory.results() ? HalideBuffer::written : 0;
        buffer.code = value.isFloat() ? 2 : 0;
        buffer.bits = static_cast<uint8_t>(storageOf(value.type).bits);
        buffer.lanes = 1;
        buffer.dimensions = static_cast<int32_t>(dimensions.back().size());
      }
    image.resize(size);
    block = device.allocate(size, "operands of a kernel to measure");
    for (auto [buffer, dims] : llvm::zip_equal(buffers, dimensions)) {
      buffer.device += block;
      buffer.dim = dims.data();
      pointers.push_back(&buffer);
    }
    reset();
  }
  ~DeviceSet() { device.release(block); }
  DeviceSet(const DeviceSet &) = delete;

  /// The operands' first values, the same for every set; results are zeros.
  void reset() {
    memory.reset();
    std::memset(image.data(), untouched, image.size());
    for (auto [data, place] : places)
      std::memcpy(image.data() + place.offset, data, place.bytes);
    device.upload(block, image.data(), image.size());
    device.finish(); // the image may change again
  }

  /// What the device has, into `memory`; an error where something lies between the values.
  llvm::Error fetch() {
    device.download(image.data(), block, image.size());
    device.finish();
    for (auto [data, place] : places)
      std::memcpy(data, image.data() + place.offset, place.bytes);
    for (auto [data, place] : places)
      std::memset(image.data() + place.offset, untouched, place.bytes);
    if (llvm::any_of(image, [](uint8_t byte) { return byte != untouched; }))
      return llvm::createStringError("it writes beyond its results");
    return llvm::Error::success();
  }

  const TuneMemory &values() const { return memory; }
  void *const *arguments() const { return pointers.data(); }
  size_t argumentCount() const { return pointers.size(); }
  int64_t size() const { return static_cast<int64_t>(image.size()); }

private:
  struct Place {
    uint64_t offset, bytes; ///< in the block
  };
  Accelerator &device;
  TuneMemory memory;
  std::map<uint8_t *, Place> places; ///< by where `memory` has the value
  std::vector<uint8_t> image;        ///< of the block
  uint64_t block = 0;
  std::vector<llvm::SmallVector<HalideDimension, 4>> dimensions;
  std::vector<HalideBuffer> buffers;
  std::vector<void *> pointers;
};

class DeviceKernel : public TuneKernel {
public:
  DeviceKernel(std::unique_ptr<TuneObjects> objects, std::shared_ptr<Accelerator> opened,
               KernelOp kernel, const TuneSetting &setting)
      : objects(std::move(objects)), device(std::move(opened)), pool(1) {
    context.pool = &pool;
    context.device = device.get();
    device->enter();
    const auto addSet = [&] {
      sets.push_back(std::make_unique<DeviceSet>(kernel, setting, *device));
    };
    addSet();
    addSet(); // two kernels are compared
    const int64_t count = countSets(sets.front()->size(), setting);
    while (static_cast<int64_t>(sets.size()) < count)
      addSet();
  }

  llvm::Expected<size_t> load(std::string object, const std::string &symbol) override {
    return objects->load(object, symbol);
  }

  llvm::Error compare(size_t expected, size_t actual) override {
    for (const auto &[kernel, set] :
         {std::pair(expected, sets[0].get()), std::pair(actual, sets[1].get())}) {
      set->reset();
      launch(kernel, *set);
      if (llvm::Error error = set->fetch())
        return error;
    }
    return compareResults(sets[0]->values(), sets[1]->values());
  }

private:
  void resetSets() override {
    for (const auto &set : sets)
      set->reset();
  }

  void launch(size_t kernel, DeviceSet &set) {
    const int code = objects->call(kernel, context, set.arguments(), set.argumentCount());
    if (context.failure)
      std::rethrow_exception(std::exchange(context.failure, nullptr));
    if (code)
      throw std::runtime_error("the kernel returns " + std::to_string(code));
    device->restScratch();
  }

  double batch(size_t kernel, int calls) override {
    const int64_t began = weir_now_ns();
    for (int i = 0; i < calls; ++i)
      launch(kernel, *sets[next++ % sets.size()]);
    device->finish();
    return static_cast<double>(weir_now_ns() - began) * 1e-3 / calls;
  }

  // The device goes first: it knows loaded kernels by addresses in the objects.
  std::unique_ptr<TuneObjects> objects;
  std::shared_ptr<Accelerator> device;
  std::vector<std::unique_ptr<DeviceSet>> sets;
  size_t next = 0;
  ThreadPool pool;
  Context context;
};

} // namespace

llvm::Expected<std::unique_ptr<TuneKernel>>
makeDeviceKernel(KernelOp kernel, const TuneSetting &setting, const KernelTarget &target) {
  auto objects = TuneObjects::open();
  if (!objects)
    return objects.takeError();
  auto device = openTuneDevice(setting.device, target);
  if (!device)
    return device.takeError();
  return std::make_unique<DeviceKernel>(std::move(*objects), std::move(*device), kernel, setting);
}

} // namespace weir
