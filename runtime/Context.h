// What an entry function's `context` argument points to: the threads its kernels may use, and their
// last error.
#ifndef WEIR_RUNTIME_CONTEXT_H
#define WEIR_RUNTIME_CONTEXT_H

#include "runtime/ThreadPool.h"

#include <string>

namespace weir {

struct Context {
  ThreadPool *pool = nullptr;
  std::string error; // what a kernel said through halide_error
};

} // namespace weir

#endif
