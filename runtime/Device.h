// Which device a program runs on, and why; and what the machine's CPU must have for its kernels.
#ifndef WEIR_RUNTIME_DEVICE_H
#define WEIR_RUNTIME_DEVICE_H

#include "runtime/Manifest.h"

#include <string>
#include <vector>

namespace weir {

struct Device {
  std::string name; // "cpu", "cuda", "opencl"
  bool usable = false;
  std::string reason; // why it is chosen, or why it cannot be used
};

/// Every device a program could be compiled for, with the reason why this one can or cannot use it.
std::vector<Device> devices(const Manifest &manifest);

/// The device for --device `name` (auto, cpu, cuda, opencl). Throws UserError with the reason for
/// one that cannot be used: a program never falls back to another device in silence.
Device chooseDevice(const Manifest &manifest, const std::string &name);

/// True if this machine's CPU and operating system have `feature`, by its name in LLVM or Halide
/// ("avx512f", "avx512_skylake", "fma"). An unknown name counts as lacking.
bool cpuHas(const std::string &feature);

/// Throws UserError naming target and features if this CPU lacks some of the manifest's, else asks
/// the kernel for AMX tile state if they need it. Must come before any compiled code runs.
void checkCpu(const Manifest &manifest);

} // namespace weir

#endif
