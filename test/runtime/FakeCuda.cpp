// A libcuda.so.1 for tests: "device memory" is this process's own, launches do nothing, and the
// environment picks what goes wrong.
//
// FAKE_CUDA holds words: version=N, count=N, capability=N (75 for 7.5), free=N (bytes), and the
// result of a call as cuName=NUMBER. Calls that matter for order are written to the file
// FAKE_CUDA_LOG, one a line. Kernels are functions that FakeNet.cpp hands over as the first
// parameter of a launch, so that a net computes what it computes on the CPU.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

using Result = int;
using Address = unsigned long long;

static std::string settings() {
  const char *value = std::getenv("FAKE_CUDA");
  return std::string(" ") + (value ? value : "") + " ";
}

static long long number(const std::string &name, long long otherwise) {
  const std::string text = settings();
  const size_t at = text.find(" " + name + "=");
  return at == std::string::npos ? otherwise : std::atoll(text.c_str() + at + name.size() + 2);
}

static void log(const char *line) {
  static FILE *file =
      std::getenv("FAKE_CUDA_LOG") ? std::fopen(std::getenv("FAKE_CUDA_LOG"), "w") : nullptr;
  if (!file)
    return;
  std::fprintf(file, "%s\n", line);
  std::fflush(file);
}

// What the named call is told to return.
static Result result(const char *name) { return Result(number(name, 0)); }

// The stream: everything runs at once.
using Work = std::function<void()>;

static long long allocated = 0;

extern "C" {

Result cuDriverGetVersion(int *version) {
  *version = int(number("version", 12040));
  return result("cuDriverGetVersion");
}
Result cuInit(unsigned) { return result("cuInit"); }
Result cuGetErrorName(Result error, const char **name) {
  *name = error == 2     ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == 34  ? "CUDA_ERROR_STUB_LIBRARY"
          : error == 46  ? "CUDA_ERROR_DEVICE_UNAVAILABLE"
          : error == 100 ? "CUDA_ERROR_NO_DEVICE"
          : error == 222 ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"
          : error == 802 ? "CUDA_ERROR_SYSTEM_NOT_READY"
          : error == 803 ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"
          : error == 804 ? "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE"
                         : "CUDA_ERROR_UNKNOWN";
  return 0;
}
Result cuGetErrorString(Result, const char **text) {
  *text = "as the test asked for";
  return 0;
}
Result cuDeviceGetCount(int *count) {
  *count = int(number("count", 1));
  return result("cuDeviceGetCount");
}
Result cuDeviceGet(int *device, int number) {
  *device = number;
  return result("cuDeviceGet");
}
Result cuDeviceGetName(char *name, int size, int device) {
  std::snprintf(name, size_t(size), "Fake GPU %d", device);
  return result("cuDeviceGetName");
}
Result cuDeviceGetAttribute(int *value, int attribute, int) {
  const long long capability = number("capability", 86);
  *value = int(attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : 0);
  return result("cuDeviceGetAttribute");
}
Result cuDeviceTotalMem_v2(size_t *bytes, int) {
  *bytes = size_t(number("free", 1ll << 30));
  return 0;
}
Result cuDevicePrimaryCtxRetain(void **context, int) {
  static int one;
  *context = &one;
  return result("cuDevicePrimaryCtxRetain");
}
Result cuDevicePrimaryCtxRelease_v2(int) { return 0; }
Result cuCtxSetCurrent(void *) { return result("cuCtxSetCurrent"); }
Result cuMemGetInfo_v2(size_t *free, size_t *total) {
  *total = size_t(number("free", 1ll << 30));
  *free = *total - size_t(allocated);
  return result("cuMemGetInfo");
}
Result cuMemAlloc_v2(Address *address, size_t bytes) {
  log("allocate");
  if (allocated + (long long)bytes > number("free", 1ll << 30))
    return 2;
  allocated += (long long)bytes;
  *address = reinterpret_cast<Address>(std::aligned_alloc(512, (bytes + 511) / 512 * 512));
  return result("cuMemAlloc");
}
Result cuMemFree_v2(Address address) {
  std::free(reinterpret_cast<void *>(address));
  return 0;
}
Result cuMemHostAlloc(void **memory, size_t bytes, unsigned) {
  *memory = std::malloc(bytes);
  return result("cuMemHostAlloc");
}
Result cuMemFreeHost(void *memory) {
  std::free(memory);
  return 0;
}
Result cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t bytes, void *) {
  log("upload");
  std::memcpy(reinterpret_cast<void *>(to), from, bytes);
  return result("cuMemcpyHtoDAsync");
}
Result cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, void *) {
  log("download");
  std::memcpy(to, reinterpret_cast<const void *>(from), bytes);
  return result("cuMemcpyDtoHAsync");
}
Result cuMemsetD8Async(Address to, unsigned char value, size_t bytes, void *) {
  std::memset(reinterpret_cast<void *>(to), value, bytes);
  return 0;
}
Result cuStreamCreate(void **stream, unsigned) {
  static int one;
  *stream = &one;
  return result("cuStreamCreate");
}
Result cuStreamDestroy_v2(void *) { return 0; }
Result cuStreamSynchronize(void *) {
  log("synchronize");
  return result("cuStreamSynchronize");
}
Result cuEventCreate(void **event, unsigned) {
  static int one;
  *event = &one;
  return result("cuEventCreate");
}
Result cuEventRecord(void *, void *) {
  log("mark");
  return result("cuEventRecord");
}
Result cuEventSynchronize(void *) {
  log("wait");
  return result("cuEventSynchronize");
}
Result cuEventDestroy_v2(void *) { return 0; }
Result cuModuleLoadDataEx(void **module, const void *, unsigned count, int *options,
                          void **values) {
  log("load");
  static int one;
  *module = &one;
  for (unsigned i = 0; i < count; ++i)
    if (options[i] == 5 && result("cuModuleLoadDataEx") != 0)
      std::strcpy(static_cast<char *>(values[i]), "ptxas: line 7, what the assembler says");
  return result("cuModuleLoadDataEx");
}
Result cuModuleUnload(void *) { return 0; }
Result cuModuleGetFunction(void **function, void *, const char *name) {
  *function = const_cast<char *>(name);
  return result("cuModuleGetFunction");
}
Result cuFuncSetAttribute(void *, int, int) { return 0; }
// The kernel of GatherKernel.h; FakeNet.cpp's, whose first parameter is a function to call; all
// others, such as those of compiled nets, do nothing.
static Work workOf(void *function, unsigned batch, void **parameters) {
  const char *name = static_cast<const char *>(function);
  if (std::strcmp(name, "all") == 0)
    return **static_cast<Work **>(parameters[0]);
  if (std::strcmp(name, "weir_gather") != 0)
    return [] {};
  auto at = [&](int i) { return *static_cast<uint8_t **>(parameters[i]); };
  const auto *pixels = at(0);
  const auto *allLabels = reinterpret_cast<int32_t *>(at(1));
  const auto *index = reinterpret_cast<int32_t *>(at(2));
  const auto *factors = reinterpret_cast<float *>(at(3));
  auto *images = reinterpret_cast<float *>(at(4));
  auto *labels = reinterpret_cast<int32_t *>(at(5));
  const int size = *static_cast<int *>(parameters[6]);
  const int channels = *static_cast<int *>(parameters[7]);
  return [=] {
    for (unsigned n = 0; n < batch; ++n) {
      labels[n] = allLabels[index[n]];
      for (int i = 0; i < size; ++i) {
        volatile float scaled = float(pixels[index[n] * size + i]) * factors[i % channels];
        images[n * unsigned(size) + unsigned(i)] = scaled + factors[channels + i % channels];
      }
    }
  };
}

Result cuLaunchKernel(void *function, unsigned, unsigned batch, unsigned, unsigned, unsigned,
                      unsigned, unsigned, void *, void **parameters, void **) {
  log("launch");
  workOf(function, batch, parameters)();
  return result("cuLaunchKernel");
}

#if !defined(FAKE_CUDA_OLD)
struct Node {
  Work work;
  std::vector<size_t> before; // numbers of nodes
};
using Graph = std::vector<Node>;
struct KernelNode {
  void *function;
  unsigned blocks[3], threads[3], sharedBytes;
  void **parameters, **extra;
};

Result cuGraphCreate(void **graph, unsigned) {
  log("begin-graph");
  *graph = new Graph;
  return result("cuGraphCreate");
}
// A node's handle is its number and one, for none is null.
Result cuGraphAddKernelNode(void **node, void *handle, void *const *before, size_t count,
                            const KernelNode *kernel) {
  log("node");
  Graph &graph = *static_cast<Graph *>(handle);
  graph.push_back({workOf(kernel->function, kernel->blocks[1], kernel->parameters), {}});
  for (size_t i = 0; i < count; ++i)
    graph.back().before.push_back(reinterpret_cast<size_t>(before[i]) - 1);
  *node = reinterpret_cast<void *>(graph.size());
  return result("cuGraphAddKernelNode");
}
Result cuGraphInstantiateWithFlags(void **runnable, void *graph, unsigned long long) {
  log("end-graph");
  *runnable = new Graph(*static_cast<Graph *>(graph));
  return result("cuGraphInstantiate");
}
// Of the nodes that wait for nothing any more always the last that was added: the order of the
// calls is kept by the edges alone.
Result cuGraphLaunch(void *runnable, void *) {
  log("graph");
  const Graph &graph = *static_cast<Graph *>(runnable);
  std::vector<bool> done(graph.size(), false);
  for (size_t left = graph.size(); left > 0; --left) {
    size_t next = graph.size() - 1;
    const auto isReady = [&](size_t i) {
      return !done[i] && std::all_of(graph[i].before.begin(), graph[i].before.end(),
                                     [&](size_t other) { return done[other]; });
    };
    while (!isReady(next))
      --next;
    graph[next].work();
    done[next] = true;
  }
  return result("cuGraphLaunch");
}
Result cuGraphDestroy(void *graph) {
  delete static_cast<Graph *>(graph);
  return 0;
}
Result cuGraphExecDestroy(void *runnable) {
  delete static_cast<Graph *>(runnable);
  return 0;
}
#endif
}
