//===- Observe.cpp - hand out every layer's result -------------------------------------------===//
//
// Only for the programs that calibration runs in this process: comes after batch norm is folded
// (and, for the quantized net, after `quantize`), before form-groups, which then cannot fuse a
// value away that somebody wants to see.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/Observe.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_OBSERVE
#include "passes/Passes.h.inc"

static bool isObserved(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return false;
  if (auto quantized = dyn_cast<quant::QuantizedType>(tensor.getElementType()))
    return quantized.getStorageTypeIntegralWidth() == 8;
  return tensor.getElementType().isF32();
}

SmallVector<Value> observedValues(func::FuncOp function) {
  SmallVector<Value> values;
  for (Operation &op : function.getBody().front())
    if (op.getNumResults() > 0 && !isa<ReadOp, ViewOp, FillOp>(op) &&
        isObserved(op.getResult(0).getType()))
      values.push_back(op.getResult(0));
  return values;
}

std::string layerPath(Location location) {
  std::string path;
  location->walk([&](Location part) {
    auto name = dyn_cast<NameLoc>(part);
    if (!name)
      return WalkResult::advance();
    path = name.getName().str();
    return WalkResult::interrupt();
  });
  return path;
}

/// Of all results together, so that a large net is observed image by image.
static constexpr int64_t maximumBytes = int64_t{256} << 20;

static int64_t resultBytes(ArrayRef<Value> values) {
  int64_t bytes = 0;
  for (Value value : values)
    bytes += 4 * cast<RankedTensorType>(value.getType()).getNumElements();
  return bytes;
}

func::FuncOp observedFunction(ModuleOp module) {
  func::FuncOp chosen;
  for (auto function : module.getOps<func::FuncOp>()) // batches ascend
    if (function.getSymName().starts_with("infer_b") &&
        (!chosen || resultBytes(observedValues(function)) <= maximumBytes))
      chosen = function;
  return chosen;
}

namespace {

struct Observe : impl::ObserveBase<Observe> {
  void runOnOperation() override {
    func::FuncOp infer = observedFunction(getOperation());
    if (!infer)
      return;
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto function = cast<func::FuncOp>(builder.clone(*infer));
    function.setSymName("observe");
    Operation *end = function.getBody().front().getTerminator();
    end->setOperands(observedValues(function));
    function.setType(builder.getFunctionType(function.getArgumentTypes(), end->getOperandTypes()));
  }
};

} // namespace
} // namespace weir
