// What kernels for GPUs call, with the names and types of Halide 21's HalideRuntimeCuda.h and
// HalideRuntimeOpenCL.h; kernels are compiled with no_runtime.
//
// Each hook brings its call to the context's accelerator. C++ exceptions cannot pass through
// generated code: the first is kept in the context, and Net.cpp throws it again.
#include "runtime/Accelerator.h"
#include "runtime/Context.h"
#include "runtime/Error.h"
#include "runtime/Program.h"

#include <exception>

using weir::Accelerator;
using weir::HalideBuffer;

// halide_error_code_device_run_failed; any but 0 would do.
static constexpr int failedCode = -16;

template <typename Body> static int onDevice(void *context, const Body &body) {
  auto *own = static_cast<weir::Context *>(context);
  try {
    if (!own || !own->device)
      weir::failInternally("a GPU kernel was called without a device");
    body(*own->device);
    return 0;
  } catch (...) {
    if (own && !own->failure)
      own->failure = std::current_exception();
    return failedCode;
  }
}

static int loadKernels(void *context, void **state, const char *source, int size) {
  return onDevice(context, [&](Accelerator &device) { device.loadKernels(state, source, size); });
}

static int runKernel(void *context, void *state, const char *entry, const int (&blocks)[3],
                     const int (&threads)[3], int sharedBytes, size_t *sizes, void **arguments,
                     int8_t *areBuffers) {
  return onDevice(context, [&](Accelerator &device) {
    device.launch({state,
                   entry,
                   {blocks[0], blocks[1], blocks[2]},
                   {threads[0], threads[1], threads[2]},
                   sharedBytes,
                   sizes,
                   arguments,
                   areBuffers});
  });
}

extern "C" {

int64_t weir_device_now_ns(void *context) {
  onDevice(context, [](Accelerator &device) { device.finish(); });
  return weir_now_ns();
}

int halide_cuda_initialize_kernels(void *context, void **state, const char *source, int size) {
  return loadKernels(context, state, source, size);
}
int halide_opencl_initialize_kernels(void *context, void **state, const char *source, int size) {
  return loadKernels(context, state, source, size);
}
// Kernels stay loaded until the device goes.
void halide_cuda_finalize_kernels(void *, void *) {}
void halide_opencl_finalize_kernels(void *, void *) {}

int halide_cuda_run(void *context, void *state, const char *entry, int blocksX, int blocksY,
                    int blocksZ, int threadsX, int threadsY, int threadsZ, int sharedBytes,
                    size_t *sizes, void **arguments, int8_t *areBuffers) {
  return runKernel(context, state, entry, {blocksX, blocksY, blocksZ},
                   {threadsX, threadsY, threadsZ}, sharedBytes, sizes, arguments, areBuffers);
}
int halide_opencl_run(void *context, void *state, const char *entry, int blocksX, int blocksY,
                      int blocksZ, int threadsX, int threadsY, int threadsZ, int sharedBytes,
                      size_t *sizes, void **arguments, int8_t *areBuffers) {
  return runKernel(context, state, entry, {blocksX, blocksY, blocksZ},
                   {threadsX, threadsY, threadsZ}, sharedBytes, sizes, arguments, areBuffers);
}

// Only ever handed back to the functions below, which need none: a net runs on one device.
const void *halide_cuda_device_interface(void) { return nullptr; }
const void *halide_opencl_device_interface(void) { return nullptr; }

int halide_device_malloc(void *context, HalideBuffer *buffer, const void *) {
  return buffer->device ? 0 : onDevice(context, [&](Accelerator &device) {
    buffer->device = device.takeScratch(buffer->bytes());
  });
}

int halide_device_free(void *context, HalideBuffer *buffer) {
  if (buffer->device == 0)
    return 0;
  const uint64_t address = buffer->device;
  buffer->device = 0;
  return onDevice(context, [&](Accelerator &device) { device.giveScratch(address); });
}

void halide_device_free_as_destructor(void *context, void *buffer) {
  halide_device_free(context, static_cast<HalideBuffer *>(buffer));
}

// All values live on the device; one that does not is a defect of the compiler.
int halide_copy_to_device(void *context, HalideBuffer *buffer, const void *) {
  return buffer->device ? 0 : onDevice(context, [](Accelerator &) {
    weir::failInternally("a GPU kernel was given a value that is not on the device");
  });
}
int halide_copy_to_host(void *context, HalideBuffer *) {
  return onDevice(context, [](Accelerator &) {
    weir::failInternally("a GPU kernel reads a value on the host");
  });
}
}
