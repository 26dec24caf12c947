//===- TuneHostKernel.cpp - kernels for this processor, loaded and timed ---------------------===//
//
// With the threads of the programs' runtime. Results are compared in memory that ends at pages
// which cannot be touched; timed calls walk through sets of operands that lie as in a program.
//
//===-----------------------------------------------------------------------------------------===//

#include "runtime/Program.h"
#include "tools/tune/TuneMemory.h"
#include "tools/tune/TuneObjects.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace weir {
namespace {

class HostKernel : public TuneKernel {
public:
  HostKernel(KernelOp kernel, const TuneSetting &setting)
      : guarded(kernel, setting, TuneMemory::Layout::Guarded),
        expectedMemory(kernel, setting, TuneMemory::Layout::Guarded), pool(int(setting.threads)) {
    context.pool = &pool;
    sets.push_back(std::make_unique<TuneMemory>(kernel, setting, TuneMemory::Layout::Packed));
    const int64_t count = countSets(sets.front()->size(), setting);
    while (static_cast<int64_t>(sets.size()) < count)
      sets.push_back(std::make_unique<TuneMemory>(kernel, setting, TuneMemory::Layout::Packed));
  }

  llvm::Error open() {
    auto opened = TuneObjects::open();
    if (!opened)
      return opened.takeError();
    objects = std::move(*opened);
    return llvm::Error::success();
  }

  llvm::Expected<size_t> load(std::string object, const std::string &symbol) override {
    return objects->load(object, symbol);
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

private:
  void resetSets() override {
    for (const auto &set : sets)
      set->reset();
  }

  int call(size_t kernel, TuneMemory &memory) {
    return objects->call(kernel, context, memory.arguments(), memory.argumentCount());
  }

  double batch(size_t kernel, int calls) override {
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
  std::unique_ptr<TuneObjects> objects;
};

} // namespace

llvm::Expected<std::unique_ptr<TuneKernel>> makeHostKernel(KernelOp kernel,
                                                           const TuneSetting &setting) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040); // denormals are zero, as in programs
#endif
  auto made = std::make_unique<HostKernel>(kernel, setting);
  if (llvm::Error error = made->open())
    return error;
  return made;
}

} // namespace weir
