//===- Device.cpp - see Device.h -------------------------------------------------------------===//

#include "Device.h"

#include "Halide.h"
#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <vector>

namespace weir::test {
namespace {

/// A multiple of every device's alignment of sub-buffers, in values.
constexpr int canaries = 1024;
constexpr int32_t canary = 0x5a5a5a5a;

template <typename Function> Function *find(void *library, const char *name) {
  void *function = dlsym(library, name);
  if (!function)
    std::abort();
  return reinterpret_cast<Function *>(function);
}

void require(int code) {
  if (code != 0)
    throw std::runtime_error("a device hook failed with code " + std::to_string(code));
}

} // namespace

static std::string whyNoCuda() {
  using Init = int(unsigned);
  using GetCount = int(int *);
  void *library = dlopen("libcuda.so.1", RTLD_NOW);
  if (!library)
    return "no libcuda.so.1";
  int count = 0;
  if (find<Init>(library, "cuInit")(0) != 0 ||
      find<GetCount>(library, "cuDeviceGetCount")(&count) != 0 || count == 0)
    return "CUDA has no device";
  return "";
}

static std::string whyNoOpenCl() {
  using GetPlatformIds = int(unsigned, void **, unsigned *);
  using GetDeviceIds = int(void *, uint64_t, unsigned, void **, unsigned *);
  void *library = dlopen("libOpenCL.so.1", RTLD_NOW);
  if (!library)
    return "no libOpenCL.so.1";
  void *platform = nullptr, *device = nullptr;
  unsigned count = 0;
  if (find<GetPlatformIds>(library, "clGetPlatformIDs")(1, &platform, &count) != 0 || count == 0)
    return "OpenCL has no platform";
  constexpr uint64_t all = 0xffffffff;
  if (find<GetDeviceIds>(library, "clGetDeviceIDs")(platform, all, 1, &device, &count) != 0 ||
      count == 0)
    return "OpenCL's platform has no device";
  return "";
}

std::string whyNoDevice(DeviceKind kind) {
  return kind == DeviceKind::Cuda ? whyNoCuda() : whyNoOpenCl();
}

void writeDeviceRuntime(DeviceKind kind, const std::string &path) {
  const char *target = kind == DeviceKind::Cuda ? "x86-64-linux-cuda-cuda_capability_75"
                                                : "x86-64-linux-opencl-cl_doubles";
  Halide::compile_standalone_runtime(path, Halide::Target(target));
}

struct DeviceMemory::State {
  void *library;
  std::vector<int32_t> host;
  halide_dimension_t wholeDim, insideDim;
  halide_buffer_t whole{}, inside{};
};

DeviceMemory::DeviceMemory(DeviceKind kind, void *library, bool integer, int size,
                           const void *values)
    : state(std::make_unique<State>()) {
  state->library = library;
  state->host.assign(size + 2 * canaries, canary);
  if (values)
    std::memcpy(state->host.data() + canaries, values, size_t(size) * sizeof(int32_t));
  const halide_type_t type = integer ? halide_type_of<int32_t>() : halide_type_of<float>();
  state->wholeDim = {0, size + 2 * canaries, 1};
  state->whole.host = reinterpret_cast<uint8_t *>(state->host.data());
  state->whole.flags = halide_buffer_flag_host_dirty;
  state->whole.type = type;
  state->whole.dimensions = 1;
  state->whole.dim = &state->wholeDim;
  const auto *device = find<const halide_device_interface_t *()>(
      library, kind == DeviceKind::Cuda ? "halide_cuda_device_interface"
                                        : "halide_opencl_device_interface")();
  using Copy = int(void *, halide_buffer_t *, const halide_device_interface_t *);
  require(find<Copy>(library, "halide_copy_to_device")(nullptr, &state->whole, device));
  // What kernels see: no memory of the host's, and an address in the middle of the device's.
  using Crop = int(void *, const halide_buffer_t *, halide_buffer_t *);
  state->insideDim = {canaries, size, 1};
  state->inside.type = type;
  state->inside.dimensions = 1;
  state->inside.dim = &state->insideDim;
  require(find<Crop>(library, "halide_device_crop")(nullptr, &state->whole, &state->inside));
  state->inside.flags = halide_buffer_flag_device_dirty;
}

DeviceMemory::~DeviceMemory() {
  using Release = int(void *, halide_buffer_t *);
  find<Release>(state->library, "halide_device_release_crop")(nullptr, &state->inside);
  find<Release>(state->library, "halide_device_free")(nullptr, &state->whole);
}

halide_buffer_t *DeviceMemory::buffer() const { return &state->inside; }

void DeviceMemory::fetch() {
  using Copy = int(void *, halide_buffer_t *);
  state->whole.flags = halide_buffer_flag_device_dirty;
  require(find<Copy>(state->library, "halide_copy_to_host")(nullptr, &state->whole));
}

const void *DeviceMemory::data() const { return state->host.data() + canaries; }

bool DeviceMemory::canariesIntact() const {
  const auto same = [](int32_t value) { return value == canary; };
  return std::all_of(state->host.begin(), state->host.begin() + canaries, same) &&
         std::all_of(state->host.end() - canaries, state->host.end(), same);
}

} // namespace weir::test
