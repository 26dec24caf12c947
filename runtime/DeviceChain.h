// Everything that must hold before a program can run on a GPU, link by link, and what to do about
// the link that fails.
//
// Before: Device.cpp asks for a backend. After: `weir devices` and `PROG devices` print the chain;
// a device whose chain holds can be opened as an Accelerator. docs/devices.md lists the messages.
#ifndef WEIR_RUNTIME_DEVICECHAIN_H
#define WEIR_RUNTIME_DEVICECHAIN_H

#include "runtime/Accelerator.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir {

struct Link {
  std::string name; // "driver library"
  bool good = false;
  std::string fact;   // what was seen
  std::string advice; // what to do, where it failed
};

/// The first link that fails, or nullptr.
const Link *brokenLink(const std::vector<Link> &links);

struct FoundDevice {
  std::string id;    // "cuda:0"
  std::string title; // "NVIDIA H100, compute capability 9.0"
  std::vector<Link> links;
  int capability = 0; // of a CUDA device: 86 for 8.6
  bool isCpu = false; // an OpenCL device that is the CPU itself
  std::function<std::unique_ptr<Accelerator>()> open;
};

struct Backend {
  std::string name; // "cuda"
  std::vector<Link> links;
  std::vector<FoundDevice> devices; // none where a link failed
};

/// NVIDIA GPUs for code that needs compute capability `capability` (75 for 7.5).
Backend findCuda(int capability);

/// OpenCL's devices, GPUs first.
Backend findOpenCl();

/// What the machine's files say about NVIDIA's driver; `root` is "" but for tests.
struct NvidiaHints {
  bool kernelDriver = false;            // /proc/driver/nvidia
  bool container = false, wsl = false;  // where this process runs
  bool nouveau = false;                 // the other driver holds the GPU
  std::string gpu;                      // "0000:01:00.0" of a GPU on the PCI bus, or empty
  std::vector<std::string> deviceFiles; // /dev/nvidiactl, /dev/nvidia0, …
  std::string unreadable;               // one of them that this user may not open
};
NvidiaHints readNvidiaHints(const std::string &root = "");

} // namespace weir

#endif
