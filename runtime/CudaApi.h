// The part of the CUDA driver API that programs use, declared here and opened at run time: neither
// a header nor a library of NVIDIA's is needed to build or to start a program.
//
// Names, types and numbers are those of the CUDA Driver API's reference.
#ifndef WEIR_RUNTIME_CUDAAPI_H
#define WEIR_RUNTIME_CUDAAPI_H

#include "runtime/DriverLibrary.h"

#include <cstddef>
#include <cstdint>

namespace weir {

namespace cuda {
using Result = int; // CUresult
using Device = int;
using Context = struct ContextHandle *;
using Stream = struct StreamHandle *;
using Event = struct EventHandle *;
using Module = struct ModuleHandle *;
using Function = struct FunctionHandle *;
using Graph = struct GraphHandle *;
using GraphExec = struct GraphExecHandle *;
using GraphNode = struct GraphNodeHandle *;
using Address = unsigned long long; // CUdeviceptr

enum : Result {
  success = 0,
  outOfMemory = 2,
  stubLibrary = 34,
  deviceUnavailable = 46,
  noDevice = 100,
  noBinaryForGpu = 209,
  invalidPtx = 218,
  unsupportedPtxVersion = 222,
  systemNotReady = 802,
  systemDriverMismatch = 803,
  compatNotSupported = 804,
  unknown = 999
};
enum Attribute { computeCapabilityMajor = 75, computeCapabilityMinor = 76 };
enum { maxDynamicSharedSizeBytes = 8 };                    // CUfunction_attribute
enum { jitErrorLogBuffer = 5, jitErrorLogBufferSize = 6 }; // CUjit_option
enum { streamNonBlocking = 1, eventDisableTiming = 2 };

/// CUDA_KERNEL_NODE_PARAMS (its first version, which every driver with graphs takes).
struct KernelNode {
  Function function;
  unsigned blocks[3], threads[3], sharedBytes;
  void **parameters, **extra;
};
} // namespace cuda

// name in CudaApi, symbol in the library, parameters. CUDA 11.0 (2020) has all of them.
#define WEIR_CUDA_FUNCTIONS(X)                                                                     \
  X(driverGetVersion, cuDriverGetVersion, (int *))                                                 \
  X(init, cuInit, (unsigned))                                                                      \
  X(getErrorName, cuGetErrorName, (cuda::Result, const char **))                                   \
  X(getErrorString, cuGetErrorString, (cuda::Result, const char **))                               \
  X(deviceGetCount, cuDeviceGetCount, (int *))                                                     \
  X(deviceGet, cuDeviceGet, (cuda::Device *, int))                                                 \
  X(deviceGetName, cuDeviceGetName, (char *, int, cuda::Device))                                   \
  X(deviceGetAttribute, cuDeviceGetAttribute, (int *, int, cuda::Device))                          \
  X(deviceTotalMem, cuDeviceTotalMem_v2, (size_t *, cuda::Device))                                 \
  X(primaryCtxRetain, cuDevicePrimaryCtxRetain, (cuda::Context *, cuda::Device))                   \
  X(primaryCtxRelease, cuDevicePrimaryCtxRelease_v2, (cuda::Device))                               \
  X(ctxSetCurrent, cuCtxSetCurrent, (cuda::Context))                                               \
  X(memGetInfo, cuMemGetInfo_v2, (size_t *, size_t *))                                             \
  X(memAlloc, cuMemAlloc_v2, (cuda::Address *, size_t))                                            \
  X(memFree, cuMemFree_v2, (cuda::Address))                                                        \
  X(memHostAlloc, cuMemHostAlloc, (void **, size_t, unsigned))                                     \
  X(memFreeHost, cuMemFreeHost, (void *))                                                          \
  X(memcpyHtoDAsync, cuMemcpyHtoDAsync_v2, (cuda::Address, const void *, size_t, cuda::Stream))    \
  X(memcpyDtoHAsync, cuMemcpyDtoHAsync_v2, (void *, cuda::Address, size_t, cuda::Stream))          \
  X(memsetD8Async, cuMemsetD8Async, (cuda::Address, unsigned char, size_t, cuda::Stream))          \
  X(streamCreate, cuStreamCreate, (cuda::Stream *, unsigned))                                      \
  X(streamDestroy, cuStreamDestroy_v2, (cuda::Stream))                                             \
  X(streamSynchronize, cuStreamSynchronize, (cuda::Stream))                                        \
  X(eventCreate, cuEventCreate, (cuda::Event *, unsigned))                                         \
  X(eventRecord, cuEventRecord, (cuda::Event, cuda::Stream))                                       \
  X(eventSynchronize, cuEventSynchronize, (cuda::Event))                                           \
  X(eventDestroy, cuEventDestroy_v2, (cuda::Event))                                                \
  X(moduleLoadDataEx, cuModuleLoadDataEx,                                                          \
    (cuda::Module *, const void *, unsigned, int *, void **))                                      \
  X(moduleUnload, cuModuleUnload, (cuda::Module))                                                  \
  X(moduleGetFunction, cuModuleGetFunction, (cuda::Function *, cuda::Module, const char *))        \
  X(funcSetAttribute, cuFuncSetAttribute, (cuda::Function, int, int))                              \
  X(launchKernel, cuLaunchKernel,                                                                  \
    (cuda::Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,         \
     cuda::Stream, void **, void **))

// Graphs of launches: CUDA 11.4 (2021); programs do without where they are missing.
#define WEIR_CUDA_GRAPH_FUNCTIONS(X)                                                               \
  X(graphCreate, cuGraphCreate, (cuda::Graph *, unsigned))                                         \
  X(graphAddKernelNode, cuGraphAddKernelNode,                                                      \
    (cuda::GraphNode *, cuda::Graph, const cuda::GraphNode *, size_t, const cuda::KernelNode *))   \
  X(graphInstantiate, cuGraphInstantiateWithFlags,                                                 \
    (cuda::GraphExec *, cuda::Graph, unsigned long long))                                          \
  X(graphLaunch, cuGraphLaunch, (cuda::GraphExec, cuda::Stream))                                   \
  X(graphDestroy, cuGraphDestroy, (cuda::Graph))                                                   \
  X(graphExecDestroy, cuGraphExecDestroy, (cuda::GraphExec))

struct CudaApi {
  /// Opens libcuda; whatever is missing is nullptr.
  CudaApi();

  DriverLibrary library;
  /// The required symbols that the library does not have.
  std::vector<std::string> missing;
  bool hasGraphs = true;

  /// "CUDA_ERROR_NO_DEVICE (100): no CUDA-capable device is detected".
  std::string text(cuda::Result result) const;
  /// Throws an InternalError, or a UserError for what is no defect of weir, with `what` was tried.
  void check(cuda::Result result, const char *what) const;

#define X(name, symbol, parameters) cuda::Result(*name) parameters = nullptr;
  WEIR_CUDA_FUNCTIONS(X)
  WEIR_CUDA_GRAPH_FUNCTIONS(X)
#undef X
};

/// 12040 -> "12.4".
std::string cudaVersionText(int version);

} // namespace weir

#endif
