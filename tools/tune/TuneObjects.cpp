//===- TuneObjects.cpp - see TuneObjects.h ---------------------------------------------------===//

#include "tools/tune/TuneObjects.h"
#include "runtime/Program.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/Support/TargetSelect.h"
#include <array>
#include <utility>

// Hooks that runtime/Program.h does not have: only their addresses are taken.
extern "C" {
int halide_error_out_of_memory(void *);
int halide_error_buffer_allocation_too_large(void *, const char *, uint64_t, uint64_t);
void halide_cuda_initialize_kernels();
void halide_cuda_finalize_kernels();
void halide_cuda_run();
void halide_cuda_device_interface();
void halide_opencl_initialize_kernels();
void halide_opencl_finalize_kernels();
void halide_opencl_run();
void halide_opencl_device_interface();
void halide_device_malloc();
void halide_device_free();
void halide_device_free_as_destructor();
void halide_copy_to_device();
void halide_copy_to_host();
}

namespace weir {
namespace {

namespace orc = llvm::orc;

/// Calls `function(context, buffers...)`.
template <size_t... i>
int callWith(void *function, void *context, void *const *buffers, std::index_sequence<i...>) {
  return reinterpret_cast<int (*)(void *, decltype((void)i, (void *)nullptr)...)>(function)(
      context, buffers[i]...);
}
using Caller = int (*)(void *, void *, void *const *);
template <size_t... count>
constexpr std::array<Caller, sizeof...(count)> makeCallers(std::index_sequence<count...>) {
  return {[](void *function, void *context, void *const *buffers) {
    return callWith(function, context, buffers, std::make_index_sequence<count>());
  }...};
}
constexpr auto callers = makeCallers(std::make_index_sequence<TuneObjects::mostBuffers + 1>());

} // namespace

llvm::Expected<std::unique_ptr<TuneObjects>> TuneObjects::open() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  auto made = orc::LLJITBuilder().create();
  if (!made)
    return made.takeError();
  std::unique_ptr<TuneObjects> objects(new TuneObjects);
  objects->jit = std::move(*made);
  const auto define = [&](const char *name, auto *function) {
    objects->hooks[objects->jit->mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                                           llvm::JITSymbolFlags::Exported};
  };
  define("halide_do_par_for", &halide_do_par_for);
  define("halide_malloc", &halide_malloc);
  define("halide_free", &halide_free);
  define("halide_error", &halide_error);
  define("halide_error_out_of_memory", &halide_error_out_of_memory);
  define("halide_error_buffer_allocation_too_large", &halide_error_buffer_allocation_too_large);
  define("halide_cuda_initialize_kernels", &halide_cuda_initialize_kernels);
  define("halide_cuda_finalize_kernels", &halide_cuda_finalize_kernels);
  define("halide_cuda_run", &halide_cuda_run);
  define("halide_cuda_device_interface", &halide_cuda_device_interface);
  define("halide_opencl_initialize_kernels", &halide_opencl_initialize_kernels);
  define("halide_opencl_finalize_kernels", &halide_opencl_finalize_kernels);
  define("halide_opencl_run", &halide_opencl_run);
  define("halide_opencl_device_interface", &halide_opencl_device_interface);
  define("halide_device_malloc", &halide_device_malloc);
  define("halide_device_free", &halide_device_free);
  define("halide_device_free_as_destructor", &halide_device_free_as_destructor);
  define("halide_copy_to_device", &halide_copy_to_device);
  define("halide_copy_to_host", &halide_copy_to_host);
  return objects;
}

llvm::Expected<size_t> TuneObjects::load(const std::string &object, const std::string &symbol) {
  const std::string name = "candidate" + std::to_string(functions.size());
  auto library = jit->createJITDylib(name);
  if (!library)
    return library.takeError();
  if (llvm::Error error = library->define(orc::absoluteSymbols(hooks)))
    return error;
  if (llvm::Error error =
          jit->addObjectFile(*library, llvm::MemoryBuffer::getMemBufferCopy(object, name)))
    return error;
  auto address = jit->lookup(*library, symbol);
  if (!address)
    return address.takeError();
  functions.push_back(address->toPtr<void *>());
  return functions.size() - 1;
}

int TuneObjects::call(size_t kernel, Context &context, void *const *buffers, size_t count) const {
  return callers[count](functions[kernel], &context, buffers);
}

} // namespace weir
