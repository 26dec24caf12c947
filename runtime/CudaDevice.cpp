// Memory, stream and launches on an NVIDIA GPU; see CudaDevice.h.
#include "runtime/CudaDevice.h"
#include "runtime/Error.h"
#include "runtime/GatherKernel.h"

#include <algorithm>
#include <cstring>

namespace weir {

CudaDevice::CudaDevice(std::shared_ptr<const CudaApi> shared, cuda::Device device)
    : api(std::move(shared)), device(device) {
  api->check(api->primaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
  enter();
  // Not the default stream, which cannot be captured and waits for those of other libraries.
  api->check(api->streamCreate(&stream, cuda::streamNonBlocking), "cuStreamCreate");
  for (cuda::Event &event : events)
    api->check(api->eventCreate(&event, cuda::eventDisableTiming), "cuEventCreate");
}

// Nothing can be done about failures here, and after a kernel's fault every call fails.
CudaDevice::~CudaDevice() {
  api->ctxSetCurrent(context);
  api->streamSynchronize(stream);
  try {
    releaseScratch();
  } catch (const std::exception &) { // NOLINT(bugprone-empty-catch): see above
  }
  for (auto &[state, kernels] : loaded)
    api->moduleUnload(kernels.module);
  for (cuda::Event event : events)
    api->eventDestroy(event);
  api->streamDestroy(stream);
  api->primaryCtxRelease(device);
}

void CudaDevice::enter() { api->check(api->ctxSetCurrent(context), "cuCtxSetCurrent"); }

uint64_t CudaDevice::allocate(uint64_t bytes, const char *purpose) {
  cuda::Address address = 0;
  bytes = std::max(bytes, alignment);
  const cuda::Result result = api->memAlloc(&address, bytes);
  if (result == cuda::outOfMemory)
    fail("out of memory on the GPU: %s needs %s bytes, and %s are free", purpose,
         withCommas(bytes).c_str(), withCommas(freeBytes()).c_str());
  api->check(result, "cuMemAlloc");
  api->check(api->memsetD8Async(address, 0, bytes, stream), "cuMemsetD8Async");
  return address;
}

void CudaDevice::release(uint64_t address) { api->check(api->memFree(address), "cuMemFree"); }

void *CudaDevice::allocateHost(uint64_t bytes, const char *purpose) {
  void *memory = nullptr;
  const cuda::Result result = api->memHostAlloc(&memory, bytes, 0);
  if (result == cuda::outOfMemory)
    fail("out of memory: %s needs %s bytes that stay in place", purpose, withCommas(bytes).c_str());
  api->check(result, "cuMemHostAlloc");
  return memory;
}

void CudaDevice::releaseHost(void *memory) {
  api->check(api->memFreeHost(memory), "cuMemFreeHost");
}

uint64_t CudaDevice::freeBytes() {
  size_t free = 0, total = 0;
  api->check(api->memGetInfo(&free, &total), "cuMemGetInfo");
  return free;
}

void CudaDevice::upload(uint64_t to, const void *from, uint64_t bytes) {
  api->check(api->memcpyHtoDAsync(to, from, bytes, stream), "cuMemcpyHtoDAsync");
}

void CudaDevice::download(void *to, uint64_t from, uint64_t bytes) {
  api->check(api->memcpyDtoHAsync(to, from, bytes, stream), "cuMemcpyDtoHAsync");
}

void CudaDevice::finish() { api->check(api->streamSynchronize(stream), "cuStreamSynchronize"); }

uint64_t CudaDevice::mark() {
  api->check(api->eventRecord(events[marks % events.size()], stream), "cuEventRecord");
  return marks++;
}

void CudaDevice::wait(uint64_t mark) {
  api->check(api->eventSynchronize(events[mark % events.size()]), "cuEventSynchronize");
}

void CudaDevice::beginRecording(Waits waits) {
  recording.emplace();
  recording->waits = waits;
  api->check(api->graphCreate(&recording->graph, 0), "cuGraphCreate");
}

uint64_t CudaDevice::endRecording() {
  cuda::GraphExec runnable = nullptr;
  if (!recording->refused && api->graphInstantiate(&runnable, recording->graph, 0) != cuda::success)
    runnable = nullptr;
  api->graphDestroy(recording->graph);
  recording.reset();
  return reinterpret_cast<uint64_t>(runnable);
}

void CudaDevice::replay(uint64_t recording) {
  api->check(api->graphLaunch(reinterpret_cast<cuda::GraphExec>(recording), stream),
             "cuGraphLaunch");
}

void CudaDevice::dropRecording(uint64_t recording) {
  api->graphExecDestroy(reinterpret_cast<cuda::GraphExec>(recording));
}

const char *CudaDevice::gatherSource() const { return gatherPtx; }

// Called before each launch of a group: but for the first time one look into a table.
void CudaDevice::loadKernels(void **state, const char *source, int size) {
  *state = static_cast<void *>(state); // what launches know these kernels by
  Kernels &kernels = loaded[*state];
  if (kernels.module)
    return;
  const std::string text(source, strnlen(source, size_t(size)));
  std::string log(8192, '\0');
  int options[] = {cuda::jitErrorLogBuffer, cuda::jitErrorLogBufferSize};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size())};
  const cuda::Result result =
      api->moduleLoadDataEx(&kernels.module, text.c_str(), 2, options, values);
  if (result == cuda::success)
    return;
  kernels.module = nullptr;
  log.resize(strnlen(log.data(), log.size()));
  const std::string said = api->text(result) + (log.empty() ? "" : "\n" + log);
  if (result == cuda::unsupportedPtxVersion || result == cuda::noBinaryForGpu)
    fail("the driver cannot assemble this program's kernels: %s\nupdate NVIDIA's driver, or run "
         "with --device cpu",
         said.c_str());
  api->check(result == cuda::outOfMemory ? result : cuda::success, "loading kernels");
  failInternally("the driver refused a kernel: %s", said.c_str());
}

cuda::Function CudaDevice::find(Kernels &kernels, const Launch &launch) {
  cuda::Function &function = kernels.functions[launch.entry];
  if (function)
    return function;
  api->check(api->moduleGetFunction(&function, kernels.module, launch.entry),
             "cuModuleGetFunction");
  // What every launch may have; more must be asked for.
  if (launch.sharedBytes > 48 * 1024)
    api->check(api->funcSetAttribute(function, cuda::maxDynamicSharedSizeBytes, launch.sharedBytes),
               "cuFuncSetAttribute");
  return function;
}

void CudaDevice::launch(const Launch &launch) {
  auto kernels = loaded.find(launch.kernels);
  if (kernels == loaded.end())
    failInternally("'%s' was launched before it was loaded", launch.entry);
  constexpr size_t most = 64;
  void *parameters[most];
  size_t count = 0;
  for (; launch.sizes[count] != 0; ++count) {
    if (count == most)
      failInternally("'%s' has more than %zu arguments", launch.entry, most);
    void *argument = launch.arguments[count];
    parameters[count] =
        launch.areBuffers[count] ? &static_cast<HalideBuffer *>(argument)->device : argument;
  }
  const cuda::KernelNode node = {
      find(kernels->second, launch),
      {unsigned(launch.blocks[0]), unsigned(launch.blocks[1]), unsigned(launch.blocks[2])},
      {unsigned(launch.threads[0]), unsigned(launch.threads[1]), unsigned(launch.threads[2])},
      unsigned(launch.sharedBytes),
      parameters,
      nullptr};
  if (recording)
    return record(launch, node);
  const auto &[x, y, z] = node.blocks;
  const auto &[u, v, w] = node.threads;
  const cuda::Result result = api->launchKernel(node.function, x, y, z, u, v, w, node.sharedBytes,
                                                stream, parameters, nullptr);
  if (result != cuda::success)
    failInternally("launching '%s' (%u x %u x %u blocks of %u x %u x %u threads, %u bytes shared) "
                   "failed: %s",
                   launch.entry, x, y, z, u, v, w, node.sharedBytes, api->text(result).c_str());
}

void CudaDevice::record(const Launch &launch, const cuda::KernelNode &node) {
  std::vector<cuda::GraphNode> before;
  if (recording->waits == Waits::AsNeeded)
    for (size_t number : recording->order.add(accessesOf(launch)))
      before.push_back(recording->nodes[number]);
  else if (!recording->nodes.empty())
    before.push_back(recording->nodes.back());
  recording->nodes.emplace_back();
  if (api->graphAddKernelNode(&recording->nodes.back(), recording->graph, before.data(),
                              before.size(), &node) != cuda::success)
    recording->refused = true;
}

} // namespace weir
