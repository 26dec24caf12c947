//===- TuneHostKernel.cpp - kernels for this processor, loaded and timed ---------------------===//
//
// Objects are linked in memory, each into a table of symbols of its own, with the hooks and the
// threads of the programs' runtime. Timed calls walk through as many sets of operands as a step
// goes through memory, so that operands come from where they would in the step; both kernels walk
// through the same sets.
//
//===-----------------------------------------------------------------------------------------===//

#include "runtime/Context.h"
#include "runtime/Program.h"
#include "tools/tune/TuneMemory.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"
#include <algorithm>
#include <cmath>
#include <mutex>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

extern "C" {
int halide_error_out_of_memory(void *context);
int halide_error_buffer_allocation_too_large(void *context, const char *buffer, uint64_t, uint64_t);
}

namespace weir {
namespace {

namespace orc = llvm::orc;

/// Sets of operands take no more memory than this.
constexpr int64_t mostBytes = 64 << 20;
constexpr int64_t mostSets = 256;

/// Calls `function(context, buffers...)`.
template <size_t... i>
int callWith(void *function, void *context, void *const *buffers, std::index_sequence<i...>) {
  return reinterpret_cast<int (*)(void *, decltype((void)i, (void *)nullptr)...)>(function)(
      context, buffers[i]...);
}
constexpr size_t mostBuffers = 48;
using Caller = int (*)(void *, void *, void *const *);
template <size_t... count>
constexpr std::array<Caller, sizeof...(count)> makeCallers(std::index_sequence<count...>) {
  return {[](void *function, void *context, void *const *buffers) {
    return callWith(function, context, buffers, std::make_index_sequence<count>());
  }...};
}
constexpr auto callers = makeCallers(std::make_index_sequence<mostBuffers + 1>());

class HostKernel : public TuneKernel {
public:
  HostKernel(KernelOp kernel, const TuneSetting &setting)
      : guarded(kernel, setting, TuneMemory::Layout::Guarded),
        expectedMemory(kernel, setting, TuneMemory::Layout::Guarded), pool(int(setting.threads)) {
    context.pool = &pool;
    sets.push_back(std::make_unique<TuneMemory>(kernel, setting, TuneMemory::Layout::Packed));
    const int64_t one = std::max<int64_t>(1, sets.front()->size());
    const int64_t count =
        std::clamp(std::min(setting.stepBytes, mostBytes) / one, int64_t(1), mostSets);
    while (static_cast<int64_t>(sets.size()) < count)
      sets.push_back(std::make_unique<TuneMemory>(kernel, setting, TuneMemory::Layout::Packed));
  }

  llvm::Error open() {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    auto made = orc::LLJITBuilder().create();
    if (!made)
      return made.takeError();
    jit = std::move(*made);
    const auto define = [&](const char *name, auto *function) {
      hooks[jit->mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                           llvm::JITSymbolFlags::Exported};
    };
    define("halide_do_par_for", &halide_do_par_for);
    define("halide_malloc", &halide_malloc);
    define("halide_free", &halide_free);
    define("halide_error", &halide_error);
    define("halide_error_out_of_memory", &halide_error_out_of_memory);
    define("halide_error_buffer_allocation_too_large", &halide_error_buffer_allocation_too_large);
    return llvm::Error::success();
  }

  llvm::Expected<size_t> load(std::string object, const std::string &symbol) override {
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

  llvm::Error compare(size_t expected, size_t actual) override {
    expectedMemory.reset();
    guarded.reset();
    if (int code = call(expected, expectedMemory))
      return llvm::createStringError("the default's kernel returns " + llvm::Twine(code));
    if (int code = call(actual, guarded))
      return llvm::createStringError("its kernel returns " + llvm::Twine(code));
    return compareResults(expectedMemory, guarded);
  }

  TunePairs time(size_t first, size_t second, unsigned pairs, double microseconds) override {
    for (const auto &set : sets)
      set->reset(); // updates must not run away
    batch(first, 2);
    batch(second, 2);
    const double once = std::max(0.01, std::min(batch(first, 3), batch(second, 3)));
    const int calls = std::clamp(static_cast<int>(std::ceil(microseconds / once)), 1, 100'000);
    TunePairs result;
    for (unsigned pair = 0; pair < pairs; ++pair) {
      double a = 0, b = 0;
      if (pair % 2 == 0) { // A B B A: what drifts meets both alike
        a = batch(first, calls);
        b = batch(second, calls);
      } else {
        b = batch(second, calls);
        a = batch(first, calls);
      }
      result.first.push_back(a);
      result.second.push_back(b);
    }
    return result;
  }

private:
  int call(size_t kernel, TuneMemory &memory) {
    const size_t count = memory.argumentCount();
    if (count > mostBuffers)
      return -1;
    return callers[count](functions[kernel], &context, memory.arguments());
  }

  /// Microseconds of a call, of `calls` one behind the other.
  double batch(size_t kernel, int calls) {
    const int64_t began = weir_now_ns();
    for (int i = 0; i < calls; ++i)
      call(kernel, *sets[next++ % sets.size()]);
    return static_cast<double>(weir_now_ns() - began) * 1e-3 / calls;
  }

  TuneMemory guarded, expectedMemory;
  std::vector<std::unique_ptr<TuneMemory>> sets;
  size_t next = 0;
  ThreadPool pool;
  Context context;
  std::unique_ptr<orc::LLJIT> jit;
  orc::SymbolMap hooks;
  std::vector<void *> functions;
};

} // namespace

llvm::Expected<std::unique_ptr<TuneKernel>> makeHostKernel(KernelOp kernel,
                                                           const TuneSetting &setting) {
  if (kernel->getNumOperands() + kernel->getNumResults() > mostBuffers)
    return llvm::createStringError("a kernel of more than " + llvm::Twine(mostBuffers) +
                                   " operands and results is not measured");
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040); // denormals are zero, as in programs
#endif
  auto made = std::make_unique<HostKernel>(kernel, setting);
  if (llvm::Error error = made->open())
    return error;
  return made;
}

} // namespace weir
