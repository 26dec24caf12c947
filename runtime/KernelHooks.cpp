// The functions that kernels compiled without a runtime call; declared in Program.h.
//
// Kernels are compiled with no_asserts and no_bounds_query, so errors are defects of the compiler:
// they are kept in the context and reported with the kernel's error code.
#include "runtime/Context.h"
#include "runtime/Program.h"
#include "runtime/ScratchPool.h"

#include <cstdlib>
#include <ctime>

static constexpr uint64_t header = 128;
// Smaller pieces are what malloc() is good at.
static constexpr uint64_t smallestPooled = 64 << 10;

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

// Kernels read whole vectors from scratch memory, and a header in front of it says how large it is:
// 128 bytes is Halide's largest alignment on x86, and more than a vector.
void *halide_malloc(void *, uint64_t bytes) {
  const uint64_t total = header + bytes + header;
  void *memory = nullptr;
  if (total >= smallestPooled)
    memory = weir::ScratchPool::ofProcess().take(total);
  else if (posix_memalign(&memory, header, total) != 0)
    return nullptr;
  if (!memory)
    return nullptr;
  *static_cast<uint64_t *>(memory) = total;
  return static_cast<uint8_t *>(memory) + header;
}

void halide_free(void *, void *memory) {
  if (!memory)
    return;
  void *begin = static_cast<uint8_t *>(memory) - header;
  if (*static_cast<uint64_t *>(begin) >= smallestPooled)
    weir::ScratchPool::ofProcess().give(begin);
  else
    std::free(begin);
}

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
