// What an entry function's `context` argument points to: the threads its kernels may use, the
// device they run on, and their first error.
#ifndef WEIR_RUNTIME_CONTEXT_H
#define WEIR_RUNTIME_CONTEXT_H

#include "runtime/ThreadPool.h"

#include <exception>
#include <string>

namespace weir {

class Accelerator;

struct Context {
  ThreadPool *pool = nullptr;
  Accelerator *device = nullptr;        // for GPU kernels
  std::string error;                    // what a kernel said through halide_error
  std::exception_ptr failure = nullptr; // what a GPU kernel's call threw
};

} // namespace weir

#endif
