//===- Device.h - a GPU's memory, by way of the hooks that kernels themselves call -----------===//
//
// Kernels for OpenCL run on whatever device the machine has (PoCL makes one of the CPU), those for
// CUDA on its NVIDIA GPU.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Target.h"

#include <memory>
#include <string>

struct halide_buffer_t;

namespace weir::test {

/// Why no kernel for such a device can run here; empty where one can.
std::string whyNoDevice(DeviceKind kind);

/// An object with all functions that kernels for such a device call.
void writeDeviceRuntime(DeviceKind kind, const std::string &path);

/// Memory of 4-byte values on the device, with canaries on both sides, so that stores beyond the
/// ends are seen.
class DeviceMemory {
public:
  /// `library` holds the hooks; `values` are the bytes of `size` values, or null.
  DeviceMemory(DeviceKind kind, void *library, bool integer, int size, const void *values);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory &) = delete;

  halide_buffer_t *buffer() const;
  /// Copies the device's values here.
  void fetch();
  const void *data() const;
  bool canariesIntact() const;

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace weir::test
