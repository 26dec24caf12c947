// One NVIDIA GPU through the driver API; see Accelerator.h for what it can do.
//
// Programs hold their kernels as PTX, which the driver assembles when they are first loaded (and
// keeps in its own cache). Everything runs in one stream, and what is recorded becomes a graph
// whose edges are those of LaunchOrder.h.
#ifndef WEIR_RUNTIME_CUDADEVICE_H
#define WEIR_RUNTIME_CUDADEVICE_H

#include "runtime/Accelerator.h"
#include "runtime/CudaApi.h"

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>

namespace weir {

class CudaDevice final : public Accelerator {
public:
  /// `api` is whole, `device` is usable (DeviceChain.h).
  CudaDevice(std::shared_ptr<const CudaApi> api, cuda::Device device);
  ~CudaDevice() override;
  CudaDevice(const CudaDevice &) = delete;
  CudaDevice &operator=(const CudaDevice &) = delete;

  void enter() override;
  uint64_t allocate(uint64_t bytes, const char *purpose) override;
  void release(uint64_t address) override;
  void *allocateHost(uint64_t bytes, const char *purpose) override;
  void releaseHost(void *memory) override;
  uint64_t freeBytes() override;
  void upload(uint64_t to, const void *from, uint64_t bytes) override;
  void download(void *to, uint64_t from, uint64_t bytes) override;
  void finish() override;
  uint64_t mark() override;
  void wait(uint64_t mark) override;
  bool canRecord() const override { return api->hasGraphs; }
  void beginRecording(Waits waits) override;
  uint64_t endRecording() override;
  void replay(uint64_t recording) override;
  void dropRecording(uint64_t recording) override;
  const char *gatherSource() const override;
  void loadKernels(void **state, const char *source, int size) override;
  void launch(const Launch &launch) override;

private:
  struct Kernels {
    cuda::Module module = nullptr;
    std::unordered_map<const char *, cuda::Function> functions;
  };
  cuda::Function find(Kernels &kernels, const Launch &launch);
  void record(const Launch &launch, const cuda::KernelNode &node);

  std::shared_ptr<const CudaApi> api;
  cuda::Device device;
  cuda::Context context = nullptr;
  cuda::Stream stream = nullptr;
  std::array<cuda::Event, 4> events{};
  uint64_t marks = 0;
  struct Recording {
    Waits waits;
    cuda::Graph graph = nullptr;
    std::vector<cuda::GraphNode> nodes;
    LaunchOrder order;
    bool refused = false; // by the driver
  };
  std::optional<Recording> recording;
  std::unordered_map<void *, Kernels> loaded; // by the address of the program's state
};

} // namespace weir

#endif
