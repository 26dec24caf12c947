// Which device a program runs on, and why; and what the machine's CPU must have for its kernels.
#ifndef WEIR_RUNTIME_DEVICE_H
#define WEIR_RUNTIME_DEVICE_H

#include "runtime/DeviceChain.h"
#include "runtime/Manifest.h"

#include <memory>
#include <string>
#include <vector>

namespace weir {

/// What a command runs on.
struct Device {
  std::string name;                         // "cpu", "cuda:0", "opencl:1"
  std::string reason;                       // why it is chosen
  const Manifest *manifest = nullptr;       // of the program's code for it
  std::shared_ptr<Accelerator> accelerator; // nullptr for the CPU
};

/// The device for --device `name` (auto, cpu, cuda, cuda:1, opencl, …), for a program whose targets
/// are `targets`, which must outlive it. `auto` takes the first of cuda, opencl and cpu that the
/// program has code for and the machine has a device for (an OpenCL device that is the CPU itself
/// is only taken by name). Throws UserError with the reason for one that cannot be used: a program
/// never falls back to another device in silence.
Device chooseDevice(const std::vector<Manifest> &targets, const std::string &name);

/// What a program has code for: "cpu (x86-64-v4), cuda".
std::string compiledFor(const std::vector<Manifest> &targets);

/// A device as `weir devices` and `PROG devices` show it.
struct DeviceRow {
  std::string name;
  bool usable = false;
  std::string reason;      // what it is, or why it cannot be used
  std::vector<Link> links; // everything that was checked, in order
};

/// The rows of a backend: its devices, or itself where it has none.
std::vector<DeviceRow> rowsOf(const Backend &backend);

/// Every device that the program could be compiled for, with the reason why this one can or cannot
/// use it.
std::vector<DeviceRow> listDevices(const std::vector<Manifest> &targets);

/// The rows as a table with the links of what cannot be used, or as JSON.
std::string devicesText(const std::vector<DeviceRow> &rows);
std::string devicesJson(const std::vector<DeviceRow> &rows);

/// True if this machine's CPU and operating system have `feature`, by its name in LLVM or Halide
/// ("avx512f", "avx512_skylake", "fma"). An unknown name counts as lacking.
bool cpuHas(const std::string &feature);

/// Throws UserError naming target and features if this CPU lacks some of the manifest's, else asks
/// the kernel for AMX tile state if they need it. Must come before any compiled code runs.
void checkCpu(const Manifest &manifest);

} // namespace weir

#endif
