//===- Harness.cpp - see Harness.h; also the runtime's functions that kernels call -----------===//

#include "Harness.h"
#include "kernels/Describe.h"
#include "runtime/HalideBuffer.h"

#include "Device.h"
#include "TileEmulator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
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

/// With $WEIR_TEST_PITCH, elements between the rows of every operand and result that a concat or a
/// slice could hold: none is a multiple of anything. Weights of packed products are variables.
int64_t pitchFor(mlir::Type type) {
  static const bool wanted = std::getenv("WEIR_TEST_PITCH");
  auto tensor = llvm::cast<mlir::RankedTensorType>(type);
  return wanted && tensor.getRank() > 1 && !tensor.getElementType().isInteger(8)
             ? tensor.getShape().back() + 3
             : 0;
}

/// Values where kernels can reach them.
class Memory {
public:
  explicit Memory(mlir::Type type)
      : storage(storageOf(type)), size(llvm::cast<mlir::RankedTensorType>(type).getNumElements()),
        pitch(pitchFor(type)),
        columns(pitch ? llvm::cast<mlir::RankedTensorType>(type).getShape().back() : size) {}
  virtual ~Memory() = default;
  Memory(const Memory &) = delete;
  virtual void *buffer() = 0;
  /// To be called after the kernel, before `get`.
  virtual void fetch() {}
  virtual const void *data() const = 0;
  virtual bool surroundingsIntact() const = 0;

  double get(int64_t element) const {
    const int64_t i = placeOf(element);
    if (storage.kind == Storage::Kind::Float)
      return static_cast<const float *>(data())[i];
    if (storage.bits == 32)
      return static_cast<const int32_t *>(data())[i];
    return storage.kind == Storage::Kind::Unsigned ? static_cast<const uint8_t *>(data())[i]
                                                   : static_cast<const int8_t *>(data())[i];
  }

protected:
  void set(void *memory, const Tensor &values) const {
    for (int64_t element = 0; element < size; ++element) {
      const int64_t i = placeOf(element);
      if (storage.kind == Storage::Kind::Float)
        static_cast<float *>(memory)[i] = static_cast<float>(values[element]);
      else if (storage.bits == 32)
        static_cast<int32_t *>(memory)[i] = static_cast<int32_t>(values[element]);
      else
        static_cast<uint8_t *>(memory)[i] = static_cast<uint8_t>(static_cast<int>(values[element]));
    }
  }

  int64_t placeOf(int64_t element) const {
    return pitch ? element / columns * pitch + element % columns : element;
  }
  /// Elements from the first to the last.
  int64_t span() const { return size ? placeOf(size - 1) + 1 : 0; }
  /// Whether what lies between rows is what was there before.
  bool gapsIntact() const {
    const auto *bytes = static_cast<const uint8_t *>(data());
    const int64_t width = storage.bits / 8;
    for (int64_t row = columns; pitch && row < size; row += columns)
      if (!std::all_of(bytes + (placeOf(row - 1) + 1) * width, bytes + placeOf(row) * width,
                       [](uint8_t byte) { return byte == untouched; }))
        return false;
    return true;
  }
  static constexpr uint8_t untouched = 0x5a;

  const Storage storage;
  const int64_t size, pitch, columns;
};

/// With canaries in front, so that stores there are seen; its end lies at a page that cannot be
/// read, so that loads and stores beyond it are as well.
class HostMemory : public Memory {
public:
  HostMemory(mlir::Type type, const Tensor *values) : Memory(type) {
    const size_t page = 4096, width = storage.bits / 8, bytes = span() * width + canaries * 4;
    mapped = (bytes + page - 1) / page * page;
    base = static_cast<uint8_t *>(
        mmap(nullptr, mapped + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (mprotect(base + mapped, page, PROT_NONE) != 0)
      std::abort();
    begin = base + mapped - span() * width;
    std::memset(base, untouched, mapped);
    if (values)
      set(begin, *values);
    descriptor.host = begin;
  }
  ~HostMemory() override { munmap(base, mapped + 4096); }

  void *buffer() override { return &descriptor; }
  const void *data() const override { return begin; }
  bool surroundingsIntact() const override {
    return gapsIntact() && std::all_of(base, begin, [](uint8_t byte) { return byte == untouched; });
  }

private:
  static constexpr size_t canaries = 64;
  HalideBuffer descriptor{}; ///< kernels read `host` only
  size_t mapped;
  uint8_t *base, *begin;
};

class GpuMemory : public Memory {
public:
  GpuMemory(DeviceKind kind, void *library, mlir::Type type, const Tensor *values)
      : Memory(type), memory(kind, library, storage.kind != Storage::Kind::Float,
                             static_cast<int>(span()), values ? bytesOf(*values).data() : nullptr) {
  }

  void *buffer() override { return memory.buffer(); }
  void fetch() override { memory.fetch(); }
  const void *data() const override { return memory.data(); }
  bool surroundingsIntact() const override { return memory.canariesIntact() && gapsIntact(); }

private:
  std::vector<uint32_t> bytesOf(const Tensor &values) const {
    std::vector<uint32_t> bytes(span(), 0x01010101u * untouched);
    set(bytes.data(), values);
    return bytes;
  }
  DeviceMemory memory;
};

/// The largest differences from the reference that were seen, by op: printed at the end.
class Differences : public testing::Environment {
public:
  void add(KernelOp kernel, double absolute, double relative) {
    for (mlir::Operation &op : kernel.getBody().front().without_terminator()) {
      auto &[a, r] = largest[op.getName().getStringRef().drop_front(5).str()];
      a = std::max(a, absolute);
      r = std::max(r, relative);
    }
  }
  void TearDown() override {
    for (const auto &[op, difference] : largest)
      printf("largest difference  %-22s %.2e  of the result's largest value %.2e\n", op.c_str(),
             difference.first, difference.second);
  }

private:
  std::map<std::string, std::pair<double, double>> largest;
};
auto *const differences =
    static_cast<Differences *>(testing::AddGlobalTestEnvironment(new Differences));

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
  functions.emplace_back(name, "func.func @" + name + "(" + group.operands + ") -> (" +
                                   group.resultTypes + ") {\n" + group.body + "return " +
                                   group.yields + " : " + group.resultTypes + "\n}\n");
}

static mlir::ArrayAttr storageFor(llvm::StringRef space, mlir::TypeRange types,
                                  mlir::MLIRContext *context) {
  llvm::SmallVector<mlir::Attribute> places;
  for (auto [i, type] : llvm::enumerate(types))
    places.push_back(StorageAttr::get(context, space, static_cast<int64_t>(i), pitchFor(type)));
  return mlir::ArrayAttr::get(context, places);
}

std::string testTarget() {
  const char *target = std::getenv("WEIR_TEST_TARGET");
  return target ? target : "host";
}

/// What tells a function from others: its name without sizes, and its ops.
static std::string kindOf(const std::string &name, llvm::StringRef text) {
  std::string kind;
  llvm::copy_if(name, std::back_inserter(kind), [](char c) { return !llvm::isDigit(c); });
  for (size_t at = 0; (at = text.find("weir.", at)) != llvm::StringRef::npos; ++at)
    kind += " " + text.substr(at).take_while([](char c) { return c != ' ' && c != '"'; }).str();
  return kind;
}

/// Other than a CPU's, kernels take their time, and with pitches there are all of them once more:
/// of those that differ in sizes only, the last and one in the middle.
std::vector<std::string> Kernels::namesFor(const KernelTarget &target) const {
  std::vector<std::string> all;
  std::map<std::string, std::vector<std::string>> alike;
  for (const auto &[name, text] : functions) {
    all.push_back(name);
    alike[kindOf(name, text)].push_back(name);
  }
  if ((!target.isGpu() && !std::getenv("WEIR_TEST_PITCH")) || std::getenv("WEIR_TEST_LONG"))
    return all;
  std::vector<std::string> some;
  for (const auto &[kind, names] : alike)
    some.insert(some.end(), {names[names.size() / 2], names.back()});
  return some;
}

void Kernels::compile(const std::string &wanted, const Schedule *schedule) {
  const std::string target = wanted.empty() ? testTarget() : wanted;
  auto found = findTarget(target);
  ASSERT_TRUE(bool(found));
  const std::vector<std::string> names = namesFor(*found);
  std::string text;
  for (const auto &[name, function] : functions)
    if (llvm::is_contained(names, name))
      text += function;
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
    kernel.setInputStorageAttr(storageFor("argument", kernel.getOperandTypes(), &context));
    kernel.setOutputStorageAttr(storageFor("result", kernel.getResultTypes(), &context));
  }
  ASSERT_TRUE(mlir::succeeded(module->verify()));

  KernelOptions options;
  options.target = *found;
  options.useCache = false;
  options.wantText = wantText;
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
  device = options.target.device;
  tiles = options.target.tiles;
  if (onGpu()) {
    const std::string reason = whyNoDevice(device);
    if (!reason.empty() && device == DeviceKind::Cuda)
      return assemble();
    if (!reason.empty())
      GTEST_SKIP() << reason;
    command.push_back(folder.path + "/runtime.o");
    writeDeviceRuntime(device, command.back());
  }
  command.insert(command.end(), {"-lm", "-lpthread", "-ldl"});
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

/// Where PTX cannot run, each GPU's assembler can still say whether it would.
void Kernels::assemble() {
  std::vector<std::string> command{WEIR_TEST_PYTHON, WEIR_TEST_PTXAS, "--summary"};
  for (const CompiledKernel &kernel : objects) {
    command.push_back(folder.path + "/" + kernel.symbol + ".o");
    std::ofstream(command.back(), std::ios::binary) << kernel.object;
  }
  const std::vector<llvm::StringRef> arguments(command.begin(), command.end());
  const int code = llvm::sys::ExecuteAndWait(command[0], arguments);
  constexpr int noAssembler = 77;
  if (code == noAssembler)
    GTEST_SKIP() << "there is no ptxas";
  ASSERT_EQ(code, 0);
}

void Kernels::check(const std::string &name, const std::vector<Tensor> &operands, double absolute,
                    double relative, const std::vector<int> &inPlace) {
  SCOPED_TRACE(name);
  auto function = module->lookupSymbol<mlir::func::FuncOp>(name);
  if ((onGpu() && !library) || (!function && (onGpu() || std::getenv("WEIR_TEST_PITCH"))))
    return; // no device, or not among the chosen
  ASSERT_TRUE(function);
  // Operands as float32 holds them.
  std::vector<Tensor> rounded = operands;
  for (Tensor &tensor : rounded)
    for (double &value : tensor.values)
      value = static_cast<float>(value);
  reference::Machine machine;
  auto expected = machine.run(function, rounded);
  ASSERT_TRUE(mlir::succeeded(expected));

  const auto makeMemory = [&](mlir::Type type, const Tensor *values) -> std::unique_ptr<Memory> {
    if (onGpu())
      return std::make_unique<GpuMemory>(device, library, type, values);
    return std::make_unique<HostMemory>(type, values);
  };
  std::vector<std::unique_ptr<Memory>> memory;
  for (auto [type, tensor] : llvm::zip_equal(function.getArgumentTypes(), rounded))
    memory.push_back(makeMemory(type, &tensor));
  std::vector<Memory *> results;
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    const int over = i < inPlace.size() ? inPlace[i] : -1;
    if (over < 0)
      memory.push_back(makeMemory(type, nullptr));
    results.push_back(over < 0 ? memory.back().get() : memory[over].get());
  }
  std::vector<void *> buffers;
  for (size_t i = 0; i < operands.size(); ++i)
    buffers.push_back(memory[i]->buffer());
  for (Memory *result : results)
    buffers.push_back(result->buffer());

  if (tiles)
    provideTiles();
  auto kernel = *function.getOps<KernelOp>().begin();
  void *symbol = dlsym(library, kernel.getSymbol()->str().c_str());
  ASSERT_TRUE(symbol) << dlerror();
  ASSERT_EQ(call(symbol, buffers), 0);

  for (const auto &piece : memory)
    piece->fetch();
  for (size_t i = 0; i < results.size(); ++i) {
    const Tensor &wanted = (*expected)[i];
    double largest = 0, difference = 0;
    for (int64_t element = 0; element < wanted.size(); ++element) {
      largest = std::max(largest, std::abs(wanted[element]));
      difference = std::max(difference, std::abs(results[i]->get(element) - wanted[element]));
    }
    differences->add(kernel, difference, largest > 0 ? difference / largest : 0);
    for (int64_t element = 0; element < wanted.size(); ++element) {
      const double got = results[i]->get(element),
                   bound = absolute + relative * std::abs(wanted[element]);
      ASSERT_NEAR(got, wanted[element], bound) << "result " << i << ", element " << element;
      ASSERT_FALSE(std::isnan(got)) << "result " << i << ", element " << element;
    }
  }
  for (const auto &piece : memory)
    EXPECT_TRUE(piece->surroundingsIntact()) << "memory around an operand or a result was written";
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
