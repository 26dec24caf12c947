// Functions by their names; see CudaApi.h.
#include "runtime/CudaApi.h"
#include "runtime/Error.h"

namespace weir {

// By the loader's own paths; where containers and NixOS put it; where Windows' shows itself in WSL.
CudaApi::CudaApi()
    : library({"libcuda.so.1", "libcuda.so", "/usr/local/nvidia/lib64/libcuda.so.1",
               "/run/opengl-driver/lib/libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"}) {
  if (!library.isOpen())
    return;
#define X(name, symbol, parameters)                                                                \
  name = reinterpret_cast<decltype(name)>(library.find(#symbol));                                  \
  if (!name)                                                                                       \
    missing.push_back(#symbol);
  WEIR_CUDA_FUNCTIONS(X)
#undef X
#define X(name, symbol, parameters)                                                                \
  name = reinterpret_cast<decltype(name)>(library.find(#symbol));                                  \
  hasGraphs = hasGraphs && name;
  WEIR_CUDA_GRAPH_FUNCTIONS(X)
#undef X
}

std::string CudaApi::text(cuda::Result result) const {
  const char *name = nullptr, *sentence = nullptr;
  if (getErrorName)
    getErrorName(result, &name);
  if (getErrorString)
    getErrorString(result, &sentence);
  return format("%s (%d)%s%s", name ? name : "error", result, sentence ? ": " : "",
                sentence ? sentence : "");
}

void CudaApi::check(cuda::Result result, const char *what) const {
  if (result == cuda::success)
    return;
  if (result == cuda::outOfMemory)
    fail("out of memory on the GPU: %s failed: %s", what, text(result).c_str());
  failInternally("%s failed: %s", what, text(result).c_str());
}

std::string cudaVersionText(int version) {
  return format("%d.%d", version / 1000, version % 1000 / 10);
}

} // namespace weir
