//===- PlannedRun.cpp - see PlannedRun.h -----------------------------------------------------===//

#include "tools/check/PlannedRun.h"

#include "ir/Quantization.h"

#include "llvm/ADT/DenseMap.h"
#include <limits>

using namespace mlir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace weir {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Bytes that hold float64 values: an element stands at its first byte, its others hold nothing.
class Memory {
public:
  explicit Memory(int64_t bytes) : bytes(bytes, nothing) {}

  /// Rows begin `pitch` elements apart (0: they follow each other).
  void write(int64_t offset, RankedTensorType type, const Tensor &tensor, int64_t pitch = 0) {
    const int64_t size = elementBytes(type);
    for (int64_t i = 0; i < tensor.size(); ++i) {
      const auto element = bytes.begin() + offset + placeOf(i, type, pitch) * size;
      std::fill_n(element, size, nothing);
      *element = tensor[i];
    }
  }
  Tensor read(int64_t offset, RankedTensorType type, int64_t pitch = 0) const {
    Tensor tensor(type);
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor[i] = bytes[offset + placeOf(i, type, pitch) * elementBytes(type)];
    return tensor;
  }

private:
  static int64_t elementBytes(RankedTensorType type) { return storageOf(type).bits / 8; }
  static int64_t placeOf(int64_t element, RankedTensorType type, int64_t pitch) {
    const int64_t columns = type.getRank() == 0 ? 1 : type.getShape().back();
    return pitch == 0 ? element : element / columns * pitch + element % columns;
  }

  std::vector<double> bytes;
};

class PlannedRun {
public:
  PlannedRun(func::FuncOp function, ArrayRef<Tensor> arguments, Machine &machine)
      : function(function), module(function->getParentOfType<ModuleOp>()), machine(machine),
        variables(integer(module, "weir.variables_bytes")),
        arena(integer(function, "weir.arena_bytes")), arguments(arguments),
        results(function.getNumResults()) {}

  FailureOr<std::vector<Tensor>> run() {
    for (auto variable : module.getOps<VariableOp>())
      variables.write(static_cast<int64_t>(*variable.getOffset()), variable.getTensorType(),
                      machine.variables[variable.getSymName()]);
    for (auto kernel : function.getOps<KernelOp>())
      if (failed(runKernel(kernel)))
        return failure();
    for (auto variable : module.getOps<VariableOp>())
      machine.variables[variable.getSymName()] =
          variables.read(static_cast<int64_t>(*variable.getOffset()), variable.getTensorType());
    return results;
  }

private:
  static int64_t integer(Operation *op, StringRef name) {
    return op->getAttrOfType<IntegerAttr>(name).getInt();
  }

  LogicalResult runKernel(KernelOp kernel) {
    llvm::DenseMap<Value, Tensor> values;
    for (auto [argument, input, place] :
         llvm::zip_equal(kernel.getBody().getArguments(), kernel.getInputs(),
                         kernel.getInputStorage()->getAsRange<StorageAttr>()))
      values[argument] = read(place, cast<RankedTensorType>(input.getType()));
    for (Operation &op : kernel.getBody().front().without_terminator()) {
      auto pure = dyn_cast<ReferenceOpInterface>(op);
      if (!pure)
        return op.emitOpError("has no reference semantics");
      std::vector<Tensor> operands, made;
      for (Value operand : op.getOperands())
        operands.push_back(values.at(operand));
      for (Type type : op.getResultTypes())
        made.emplace_back(type);
      pure.evaluate(operands, made);
      for (auto [result, tensor] : llvm::zip_equal(op.getResults(), made))
        values[result] = std::move(tensor);
    }
    for (auto [yielded, place] : llvm::zip_equal(
             kernel.getYield().getValues(), kernel.getOutputStorage()->getAsRange<StorageAttr>()))
      write(place, cast<RankedTensorType>(yielded.getType()), values.at(yielded));
    return success();
  }

  Tensor read(StorageAttr place, RankedTensorType type) {
    if (place.getSpace() == "variables")
      return variables.read(place.getOffset(), type, place.getPitch());
    if (place.getSpace() == "arena")
      return arena.read(place.getOffset(), type, place.getPitch());
    Tensor tensor(type); // a view of an argument or a result has another shape
    tensor.values = place.getSpace() == "argument" ? arguments[place.getOffset()].values
                                                   : results[place.getOffset()].values;
    return tensor;
  }

  void write(StorageAttr place, RankedTensorType type, const Tensor &tensor) {
    if (place.getSpace() == "variables")
      return variables.write(place.getOffset(), type, tensor, place.getPitch());
    if (place.getSpace() == "arena")
      return arena.write(place.getOffset(), type, tensor, place.getPitch());
    Tensor &result = results[place.getOffset()];
    result = Tensor(function.getResultTypes()[place.getOffset()]);
    result.values = tensor.values;
  }

  func::FuncOp function;
  ModuleOp module;
  Machine &machine;
  Memory variables, arena;
  ArrayRef<Tensor> arguments;
  std::vector<Tensor> results;
};

} // namespace

bool isPlanned(func::FuncOp function) { return function->hasAttr("weir.arena_bytes"); }

FailureOr<std::vector<Tensor>> runPlanned(func::FuncOp function, ArrayRef<Tensor> arguments,
                                          Machine &machine) {
  return PlannedRun(function, arguments, machine).run();
}

} // namespace weir
