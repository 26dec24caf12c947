// One OpenCL device; see Accelerator.h for what it can do.
//
// OpenCL's buffers are handles without addresses. This file hands out ranges of numbers for them:
// an address is looked up when a kernel is launched, and (address, bytes) becomes a sub-buffer that
// is kept. So plans with offsets work as they do where addresses are real.
#ifndef WEIR_RUNTIME_OPENCLDEVICE_H
#define WEIR_RUNTIME_OPENCLDEVICE_H

#include "runtime/Accelerator.h"
#include "runtime/OpenClApi.h"

#include <array>
#include <map>
#include <memory>
#include <unordered_map>

namespace weir {

class OpenClDevice final : public Accelerator {
public:
  /// `api` is whole, `device` is usable (DeviceChain.h).
  OpenClDevice(std::shared_ptr<const OpenClApi> api, cl_device_id device);
  ~OpenClDevice() override;
  OpenClDevice(const OpenClDevice &) = delete;
  OpenClDevice &operator=(const OpenClDevice &) = delete;

  uint64_t allocate(uint64_t bytes, const char *purpose) override;
  void release(uint64_t address) override;
  void *allocateHost(uint64_t bytes, const char *purpose) override;
  void releaseHost(void *memory) override;
  uint64_t freeBytes() override;
  uint64_t largestBlock() override;
  void upload(uint64_t to, const void *from, uint64_t bytes) override;
  void download(void *to, uint64_t from, uint64_t bytes) override;
  void finish() override;
  uint64_t mark() override;
  void wait(uint64_t mark) override;
  const char *gatherSource() const override;
  void loadKernels(void **state, const char *source, int size) override;
  void launch(const Launch &launch) override;

private:
  struct Memory {
    cl_mem buffer = nullptr;
    uint64_t bytes = 0;
    std::map<std::pair<uint64_t, uint64_t>, cl_mem> parts; // (offset, bytes)
  };
  struct Kernels {
    cl_program program = nullptr;
    std::unordered_map<const char *, cl_kernel> functions;
  };
  struct Place {
    Memory *memory;
    uint64_t offset;
  };
  Place find(uint64_t address, uint64_t bytes);
  cl_mem part(uint64_t address, uint64_t bytes);
  std::string buildLog(cl_program program) const;

  std::shared_ptr<const OpenClApi> api;
  cl_device_id device;
  cl_context context = nullptr;
  cl_command_queue queue = nullptr;
  std::map<uint64_t, Memory> memories; // by first address
  uint64_t nextAddress = uint64_t(1) << 40;
  uint64_t allocated = 0;
  std::array<cl_event, 4> events{};
  uint64_t marks = 0;
  std::unordered_map<void *, Kernels> loaded; // by the address of the program's state
};

} // namespace weir

#endif
