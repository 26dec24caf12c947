// The functions that kernels compiled without a runtime call; declared in Program.h.
//
// Kernels are compiled with no_asserts and no_bounds_query, so errors are defects of the compiler:
// they are kept in the context and reported with the kernel's error code.
#include "runtime/Context.h"
#include "runtime/Program.h"

#include <cstdlib>
#include <ctime>

extern "C" {

int64_t weir_now_ns(void) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1000000000 + now.tv_nsec;
}

int halide_do_par_for(void *context, halide_task_t task, int min, int size, uint8_t *closure) {
  if (auto *own = static_cast<weir::Context *>(context); own && own->pool)
    return own->pool->run(context, task, min, size, closure);
  for (int index = min; index < min + size; ++index)
    if (int code = task(context, index, closure))
      return code;
  return 0;
}

// Kernels read whole vectors from scratch memory: 128 bytes is Halide's largest alignment on x86.
void *halide_malloc(void *, uint64_t bytes) {
  void *memory = nullptr;
  return posix_memalign(&memory, 128, bytes + 128) == 0 ? memory : nullptr;
}

void halide_free(void *, void *memory) { std::free(memory); }

void halide_error(void *context, const char *message) {
  if (auto *own = static_cast<weir::Context *>(context))
    own->error = message;
}

// The two that remain in kernels with no_asserts where an allocation may fail; codes as in
// HalideRuntime.h.
int halide_error_out_of_memory(void *context) {
  halide_error(context, "out of memory for a kernel's scratch memory");
  return -11;
}

int halide_error_buffer_allocation_too_large(void *context, const char *buffer, uint64_t,
                                             uint64_t) {
  halide_error(context, buffer);
  return -5;
}
}
