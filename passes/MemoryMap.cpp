//===- MemoryMap.cpp - see MemoryMap.h -------------------------------------------------------===//

#include "passes/MemoryMap.h"
#include "ir/Values.h"

#include "ir/Builders.h"
#include "passes/Passes.h"
#include "passes/Views.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
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
    const auto names =
        llvm::map_range(buffer.makers, [](KernelOp maker) { return maker.getName(); });
    out << llvm::formatv("  {0,10} {1,10}  {2,-9} {3}\n", buffer.offset, buffer.bytes, alive,
                         llvm::join(names, ", "));
  }
}

} // namespace

std::vector<ArenaBuffer> arenaBuffers(func::FuncOp function) {
  llvm::MapVector<Value, ArenaBuffer> buffers; // by the whole value
  size_t number = 0;
  for (KernelOp kernel : function.getOps<KernelOp>()) {
    for (Value input : kernel.getInputs())
      if (auto buffer = buffers.find(placeOf(input).whole); buffer != buffers.end())
        buffer->second.last = number;
    for (auto [result, place] : llvm::zip_equal(kernel.getResults(), *kernel.getOutputStorage())) {
      auto storage = cast<StorageAttr>(place);
      if (storage.getSpace() != "arena")
        continue;
      const Place own = placeOf(result);
      const int64_t begin = own.offset * storageOf(result.getType()).bits / 8;
      auto [buffer, isNew] = buffers.try_emplace(own.whole);
      if (isNew)
        buffer->second = {
            {}, storage.getOffset() - begin, byteSize(own.whole.getType()), number, number};
      buffer->second.makers.push_back(kernel);
      buffer->second.last = number;
    }
    ++number;
  }
  std::vector<ArenaBuffer> all;
  for (auto &[whole, buffer] : buffers)
    all.push_back(std::move(buffer));
  return all;
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
