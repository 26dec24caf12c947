//===- TuneDevice.cpp - see TuneDevice.h -----------------------------------------------------===//

#include "tools/tune/TuneDevice.h"

#include "llvm/ADT/STLExtras.h"

namespace weir {
namespace {

/// What chooseDevice asks of a program: the code that it has.
Manifest manifestFor(const KernelTarget &target) {
  Manifest manifest;
  manifest.target = target.name;
  manifest.device = deviceName(target.device).str();
  manifest.capability = target.capability;
  return manifest;
}

Backend backendOf(const KernelTarget &target) {
  return target.device == DeviceKind::OpenCl ? findOpenCl() : findCuda(target.capability);
}

llvm::Expected<Device> open(const std::string &name, const std::vector<Manifest> &code) {
  try {
    return chooseDevice(code, name);
  } catch (const std::exception &error) {
    return llvm::createStringError(error.what());
  }
}

} // namespace

llvm::Expected<TuneDevice> findTuneDevice(const std::string &name,
                                          llvm::ArrayRef<KernelTarget> targets, unsigned threads) {
  if (name == "auto" || name == "cpu")
    return TuneDevice{"cpu", cpuName(), targets.front(), threads};
  std::vector<Manifest> code;
  for (const KernelTarget &target : targets)
    code.push_back(manifestFor(target));
  auto device = open(name, code);
  if (!device)
    return device.takeError();
  const auto *target = llvm::find_if(
      targets, [&](const KernelTarget &each) { return each.name == device->manifest->target; });
  const Backend backend = backendOf(*target);
  for (const FoundDevice &found : backend.devices)
    if (found.id == device->name)
      return TuneDevice{found.id, found.title, *target, 0};
  return llvm::createStringError("'" + device->name + "' is gone");
}

llvm::Expected<std::shared_ptr<Accelerator>> openTuneDevice(const std::string &name,
                                                            const KernelTarget &target) {
  auto device = open(name, {manifestFor(target)});
  if (!device)
    return device.takeError();
  return device->accelerator;
}

std::string tuningDevice(const TuningDatabase &database, const KernelTarget &target) {
  const auto isOfTarget = [&](const TuningRecord &record) {
    return record.key.target == target.halide;
  };
  if (llvm::none_of(database.records(), isOfTarget))
    return "";
  if (!target.isGpu())
    return cpuName();
  std::string first;
  const Backend backend = backendOf(target);
  for (const FoundDevice &device : backend.devices) {
    if (brokenLink(device.links))
      continue;
    if (llvm::any_of(database.records(), [&](const TuningRecord &record) {
          return isOfTarget(record) && record.key.cpu == device.title;
        }))
      return device.title;
    if (first.empty())
      first = device.title;
  }
  return first;
}

} // namespace weir
