// halide_buffer_t as HalideRuntime.h lays it out: what host functions and kernels hand to the hooks
// in DeviceHooks.cpp.
#ifndef WEIR_RUNTIME_HALIDEBUFFER_H
#define WEIR_RUNTIME_HALIDEBUFFER_H

#include <cstdint>

namespace weir {

struct HalideDimension {
  int32_t min, extent, stride;
  uint32_t flags;
};

struct HalideBuffer {
  uint64_t device; // the address on the device, or 0
  const void *deviceInterface;
  uint8_t *host;
  uint64_t flags;
  uint8_t code, bits; // of an element's type
  uint16_t lanes;
  int32_t dimensions;
  HalideDimension *dim;
  void *padding;

  /// halide_buffer_flag_device_dirty: host functions set it on what a kernel writes.
  static constexpr uint64_t written = 2;

  uint64_t elementBytes() const { return (uint64_t(bits) + 7) / 8 * lanes; }
  /// From the first element to the last, both included.
  uint64_t bytes() const {
    uint64_t last = 0;
    for (int32_t i = 0; i < dimensions; ++i)
      last += uint64_t(dim[i].extent - 1) * uint64_t(dim[i].stride);
    return (last + 1) * elementBytes();
  }
};

} // namespace weir

#endif
