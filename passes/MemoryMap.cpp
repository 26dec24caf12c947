//===- MemoryMap.cpp - see MemoryMap.h -------------------------------------------------------===//

#include "passes/MemoryMap.h"
#include "ir/Values.h"

#include "ir/Builders.h"
#include "passes/Passes.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace weir {
namespace {

int64_t integer(Operation *op, StringRef name) {
  return op->getAttrOfType<IntegerAttr>(name).getInt();
}

void printFunction(func::FuncOp function, llvm::raw_ostream &out) {
  const auto kernels = function.getOps<KernelOp>();
  out << llvm::formatv("\n{0}: arena {1} bytes, lower bound {2} (largest live set), {3} kernels\n",
                       function.getSymName(), integer(function, "weir.arena_bytes"),
                       integer(function, "weir.arena_bound"), llvm::range_size(kernels));
  out << llvm::formatv("  {0,10} {1,10}  {2,-9} {3}\n", "offset", "bytes", "alive", "made by");
  for (const ArenaBuffer &buffer : arenaBuffers(function)) {
    const std::string alive = llvm::formatv("{0}-{1}", buffer.first, buffer.last);
    out << llvm::formatv("  {0,10} {1,10}  {2,-9} {3}\n", buffer.offset, buffer.bytes, alive,
                         KernelOp(buffer.maker).getName());
  }
}

} // namespace

std::vector<ArenaBuffer> arenaBuffers(func::FuncOp function) {
  llvm::DenseMap<Operation *, size_t> number;
  for (KernelOp kernel : function.getOps<KernelOp>())
    number[kernel] = number.size();
  std::function<size_t(Value, size_t)> lastUse = [&](Value value, size_t last) {
    for (Operation *user : value.getUsers())
      last = std::max(last, isa<ViewOp>(user)     ? lastUse(user->getResult(0), last)
                            : isa<KernelOp>(user) ? number[user]
                                                  : last);
    return last;
  };
  std::vector<ArenaBuffer> buffers;
  for (KernelOp kernel : function.getOps<KernelOp>())
    for (auto [result, place] : llvm::zip_equal(kernel.getResults(), *kernel.getOutputStorage()))
      if (auto storage = cast<StorageAttr>(place); storage.getSpace() == "arena")
        buffers.push_back({kernel, storage.getOffset(), byteSize(result.getType()), number[kernel],
                           lastUse(result, number[kernel])});
  return buffers;
}

void printMemoryMap(ModuleOp module, llvm::raw_ostream &out) {
  out << llvm::formatv("variables: {0} bytes\n", integer(module, "weir.variables_bytes"));
  out << llvm::formatv("  {0,10} {1,10}  {2,-10} {3}\n", "offset", "bytes", "kind", "name");
  for (auto variable : module.getOps<VariableOp>())
    out << llvm::formatv("  {0,10} {1,10}  {2,-10} {3} {4}\n", *variable.getOffset(),
                         byteSize(variable.getType()), variable.getKind(), variable.getSymName(),
                         shapeText(variable.getTensorType().getShape()));
  for (auto function : module.getOps<func::FuncOp>())
    printFunction(function, out);
}

} // namespace weir
