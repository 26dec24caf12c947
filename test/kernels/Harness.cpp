//===- Harness.cpp - see Harness.h; also the runtime's functions that kernels call -----------===//

#include "Harness.h"
#include "kernels/Describe.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sys/mman.h>

using weir::reference::Tensor;

extern "C" {
// The calls that Halide's objects make; parallel loops run backwards here, for no task may count on
// another.
int halide_do_par_for(void *context, int (*task)(void *, int, uint8_t *), int min, int size,
                      uint8_t *closure) {
  for (int i = min + size; i-- > min;)
    if (int code = task(context, i, closure))
      return code;
  return 0;
}
void *halide_malloc(void *, size_t bytes) {
  return std::aligned_alloc(128, (bytes + 255) / 128 * 128);
}
void halide_free(void *, void *memory) { std::free(memory); }
void halide_error(void *, const char *message) { ADD_FAILURE() << message; }
int halide_error_out_of_memory(void *) { return -11; }
int halide_error_buffer_allocation_too_large(void *, const char *, uint64_t, uint64_t) {
  return -5;
}
}

namespace weir::test {
namespace {

/// halide_buffer_t as in HalideRuntime.h; kernels read `host` only.
struct Buffer {
  uint64_t device = 0;
  const void *deviceInterface = nullptr;
  void *host = nullptr;
  uint64_t flags = 0;
  uint8_t code = 2, bits = 32;
  uint16_t lanes = 1;
  int32_t dimensions = 0;
  void *dim = nullptr;
  void *padding = nullptr;
};

/// f32 or i32 memory with canaries on both sides, so that stores beyond the ends are seen; its end
/// lies at a page that cannot be read, so that loads beyond it are as well.
class Memory {
public:
  Memory(mlir::Type type, const Tensor *values) : integer(elementType(type).isInteger(32)) {
    size = llvm::cast<mlir::RankedTensorType>(type).getNumElements();
    const size_t page = 4096, bytes = size * 4 + canaries * 4;
    mapped = (bytes + page - 1) / page * page;
    base = static_cast<uint8_t *>(
        mmap(nullptr, mapped + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (mprotect(base + mapped, page, PROT_NONE) != 0)
      std::abort();
    data = base + mapped - size * 4;
    std::memset(base, 0x5a, mapped);
    for (int64_t i = 0; values && i < size; ++i)
      set(i, (*values)[i]);
    buffer.host = data;
  }
  ~Memory() { munmap(base, mapped + 4096); }
  Memory(const Memory &) = delete;

  double get(int64_t i) const {
    if (integer)
      return reinterpret_cast<int32_t *>(data)[i];
    return reinterpret_cast<float *>(data)[i];
  }
  bool frontIntact() const {
    return std::all_of(base, data, [](uint8_t byte) { return byte == 0x5a; });
  }

  Buffer buffer;

private:
  static constexpr size_t canaries = 64;
  static mlir::Type elementType(mlir::Type type) {
    return llvm::cast<mlir::RankedTensorType>(type).getElementType();
  }
  void set(int64_t i, double value) {
    if (integer)
      reinterpret_cast<int32_t *>(data)[i] = static_cast<int32_t>(value);
    else
      reinterpret_cast<float *>(data)[i] = static_cast<float>(value);
  }

  bool integer;
  int64_t size;
  size_t mapped;
  uint8_t *base, *data;
};

/// Calls `function(context, buffers...)`.
template <size_t... i>
int callWith(void *function, void *const *buffers, std::index_sequence<i...>) {
  using Pointer = void *;
  return reinterpret_cast<int (*)(void *, std::conditional_t<i == i, Pointer, Pointer>...)>(
      function)(nullptr, buffers[i]...);
}
int call(void *function, const std::vector<void *> &buffers) {
  switch (buffers.size()) {
#define WEIR_CASE(n)                                                                               \
  case n:                                                                                          \
    return callWith(function, buffers.data(), std::make_index_sequence<n>());
    WEIR_CASE(1)
    WEIR_CASE(2)
    WEIR_CASE(3)
    WEIR_CASE(4)
    WEIR_CASE(5)
    WEIR_CASE(6)
    WEIR_CASE(7)
    WEIR_CASE(8) WEIR_CASE(9) WEIR_CASE(10) WEIR_CASE(11) WEIR_CASE(12) WEIR_CASE(13) WEIR_CASE(14)
#undef WEIR_CASE
  }
  return -1;
}

} // namespace

TemporaryFolder::TemporaryFolder() {
  llvm::SmallString<128> folder;
  if (llvm::sys::fs::createUniqueDirectory("weir-test", folder))
    std::abort();
  path = folder.str().str();
}
TemporaryFolder::~TemporaryFolder() { llvm::sys::fs::remove_directories(path); }

Kernels::Kernels() { context.loadDialect<WeirDialect, mlir::func::FuncDialect>(); }
Kernels::~Kernels() {
  if (library)
    dlclose(library);
}

void Kernels::add(const std::string &name, const Group &group) {
  text += "func.func @" + name + "(" + group.operands + ") -> (" + group.resultTypes + ") {\n" +
          group.body + "return " + group.yields + " : " + group.resultTypes + "\n}\n";
}

void Kernels::compile(const std::string &target, const Schedule *schedule) {
  module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  ASSERT_TRUE(module) << text;
  // The functions' bodies become kernels, as form-groups would make them.
  for (auto function : module->getOps<mlir::func::FuncOp>()) {
    mlir::Block &block = function.getBody().front();
    mlir::OpBuilder builder(block.getTerminator());
    llvm::SmallVector<mlir::Value> arguments(block.getArguments());
    auto kernel = KernelOp::create(builder, function.getLoc(), function.getResultTypes(), arguments,
                                   builder.getStringAttr(function.getName()), mlir::StringAttr(),
                                   mlir::ArrayAttr(), mlir::ArrayAttr());
    mlir::Block &body = kernel.getBody().emplaceBlock();
    for (mlir::Value argument : arguments)
      argument.replaceUsesWithIf(body.addArgument(argument.getType(), argument.getLoc()),
                                 [&](mlir::OpOperand &use) { return use.getOwner() != kernel; });
    for (mlir::Operation &op : llvm::make_early_inc_range(block.without_terminator()))
      if (&op != kernel)
        op.moveBefore(&body, body.end());
    mlir::OpBuilder inside = mlir::OpBuilder::atBlockEnd(&body);
    YieldOp::create(inside, function.getLoc(), block.getTerminator()->getOperands());
    block.getTerminator()->setOperands(kernel.getResults());
  }
  ASSERT_TRUE(mlir::succeeded(module->verify()));

  KernelOptions options;
  auto found = findTarget(target);
  ASSERT_TRUE(bool(found));
  options.target = *found;
  options.useCache = false;
  if (schedule)
    module->walk(
        [&](KernelOp kernel) { options.schedules[kernels::describe(kernel)] = *schedule; });
  auto kernels = compileKernels(*module, options);
  ASSERT_TRUE(mlir::succeeded(kernels));
  objects = std::move(*kernels);

  std::vector<std::string> command{WEIR_TEST_LINKER, "-shared", "-o", folder.path + "/kernels.so"};
  for (const CompiledKernel &kernel : objects) {
    command.push_back(folder.path + "/" + kernel.symbol + ".o");
    std::ofstream(command.back(), std::ios::binary) << kernel.object;
  }
  command.push_back("-lm");
  const std::vector<llvm::StringRef> arguments(command.begin(), command.end());
  ASSERT_EQ(llvm::sys::ExecuteAndWait(command[0], arguments), 0);
  library = dlopen(command[3].c_str(), RTLD_NOW);
  ASSERT_TRUE(library) << dlerror();
}

LoopFacts Kernels::loops(const std::string &name, const std::string &target) {
  auto function = module->lookupSymbol<mlir::func::FuncOp>(name);
  auto found = findLoops(*function.getOps<KernelOp>().begin(), *findTarget(target));
  return found ? *found : LoopFacts();
}

void Kernels::check(const std::string &name, const std::vector<Tensor> &operands, double absolute,
                    double relative, const std::vector<int> &inPlace) {
  SCOPED_TRACE(name);
  auto function = module->lookupSymbol<mlir::func::FuncOp>(name);
  ASSERT_TRUE(function);
  // Operands as float32 holds them.
  std::vector<Tensor> rounded = operands;
  for (Tensor &tensor : rounded)
    for (double &value : tensor.values)
      value = static_cast<float>(value);
  reference::Machine machine;
  auto expected = machine.run(function, rounded);
  ASSERT_TRUE(mlir::succeeded(expected));

  std::vector<std::unique_ptr<Memory>> memory;
  for (auto [type, tensor] : llvm::zip_equal(function.getArgumentTypes(), rounded))
    memory.push_back(std::make_unique<Memory>(type, &tensor));
  std::vector<Memory *> results;
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    const int over = i < inPlace.size() ? inPlace[i] : -1;
    if (over < 0)
      memory.push_back(std::make_unique<Memory>(type, nullptr));
    results.push_back(over < 0 ? memory.back().get() : memory[over].get());
  }
  std::vector<void *> buffers;
  for (size_t i = 0; i < operands.size(); ++i)
    buffers.push_back(&memory[i]->buffer);
  for (Memory *result : results)
    buffers.push_back(&result->buffer);

  auto kernel = *function.getOps<KernelOp>().begin();
  void *symbol = dlsym(library, kernel.getSymbol()->str().c_str());
  ASSERT_TRUE(symbol) << dlerror();
  ASSERT_EQ(call(symbol, buffers), 0);

  for (size_t i = 0; i < results.size(); ++i) {
    const Tensor &wanted = (*expected)[i];
    for (int64_t element = 0; element < wanted.size(); ++element) {
      const double got = results[i]->get(element),
                   bound = absolute + relative * std::abs(wanted[element]);
      ASSERT_NEAR(got, wanted[element], bound) << "result " << i << ", element " << element;
      ASSERT_FALSE(std::isnan(got)) << "result " << i << ", element " << element;
    }
  }
  for (const auto &piece : memory)
    EXPECT_TRUE(piece->frontIntact()) << "memory before an operand or a result was written";
}

std::string tensorType(const std::vector<int64_t> &shape, const std::string &element) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + element + ">";
}

Tensor randomTensor(const std::vector<int64_t> &shape, unsigned seed, double low, double high) {
  Tensor tensor{llvm::ArrayRef<int64_t>(shape)};
  std::mt19937 generator(seed);
  for (double &value : tensor.values)
    value = low + (high - low) * (generator() / 4294967296.0);
  return tensor;
}
Tensor randomTensor(const std::vector<int64_t> &shape, unsigned seed, double scale) {
  return randomTensor(shape, seed, -scale, scale);
}
Tensor randomLabels(int64_t batch, int64_t classes, unsigned seed) {
  Tensor labels(llvm::ArrayRef<int64_t>{batch});
  std::mt19937 generator(seed);
  for (double &label : labels.values)
    label = generator() % classes;
  return labels;
}

} // namespace weir::test
