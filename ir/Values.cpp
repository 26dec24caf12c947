//===- Values.cpp - see Values.h -------------------------------------------------------------===//

#include "ir/Values.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace weir {

bool hasReadableValues(ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob && static_cast<int64_t>(blob->getData().size()) ==
                       byteSize(cast<RankedTensorType>(resource.getType()));
  }
  return isa<DenseIntOrFPElementsAttr>(value);
}

std::vector<char> rawValues(ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    const ArrayRef<char> bytes = resource.getRawHandle().getBlob()->getData();
    return {bytes.begin(), bytes.end()};
  }
  auto dense = cast<DenseIntOrFPElementsAttr>(value);
  const ArrayRef<char> bytes = dense.getRawData();
  std::vector<char> all;
  for (int64_t turn = 0; turn < (dense.isSplat() ? dense.getNumElements() : 1); ++turn)
    all.insert(all.end(), bytes.begin(), bytes.end());
  return all;
}

namespace {

template <typename T> std::vector<double> read(ArrayRef<char> bytes) {
  std::vector<double> numbers(bytes.size() / sizeof(T));
  for (auto [i, number] : llvm::enumerate(numbers)) {
    T element;
    std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
    number = static_cast<double>(element);
  }
  return numbers;
}

template <typename T> std::vector<char> write(ArrayRef<double> numbers) {
  std::vector<char> bytes(numbers.size() * sizeof(T));
  for (auto [i, number] : llvm::enumerate(numbers)) {
    const T element = static_cast<T>(number);
    std::memcpy(bytes.data() + i * sizeof(T), &element, sizeof(T));
  }
  return bytes;
}

} // namespace

std::vector<double> numbersOf(ElementsAttr value) {
  const std::vector<char> bytes = rawValues(value);
  const Type element = value.getShapedType().getElementType();
  if (element.isF32())
    return read<float>(bytes);
  return element.isInteger(8) ? read<int8_t>(bytes) : read<int32_t>(bytes);
}

ElementsAttr valueOfBytes(RankedTensorType type, ArrayRef<char> bytes, StringRef name) {
  return DenseResourceElementsAttr::get(
      storageType(type), name, HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, /*align=*/64));
}

ElementsAttr valueOfNumbers(RankedTensorType type, ArrayRef<double> numbers, StringRef name) {
  const Type element = storageType(type).getElementType();
  if (element.isF32())
    return valueOfBytes(type, write<float>(numbers), name);
  return valueOfBytes(type, element.isInteger(8) ? write<int8_t>(numbers) : write<int32_t>(numbers),
                      name);
}

bool hasFixedVariables(ModuleOp module) {
  return !module
              .walk([](Operation *op) {
                return isa<AssignOp, MinimizeOp>(op) ? WalkResult::interrupt()
                                                     : WalkResult::advance();
              })
              .wasInterrupted();
}

void printWithoutValues(Operation *op, llvm::raw_ostream &stream) {
  op->print(stream, OpPrintingFlags().elideLargeResourceString(/*largeResourceLimit=*/0));
}

} // namespace weir
