//===- Noise.cpp - see Noise.h ---------------------------------------------------------------===//

#include "tools/check/Noise.h"

#include "mlir/IR/Builders.h"
#include <random>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

constexpr int runs = 3;

bool isFloat(Type type) { return isa<Float32Type>(cast<RankedTensorType>(type).getElementType()); }

/// Multiplies every float value of `function` by a new argument; returns their types.
SmallVector<RankedTensorType> addNoise(func::FuncOp function) {
  SmallVector<Value> values;
  for (BlockArgument argument : function.getArguments())
    values.push_back(argument);
  for (Operation &op : function.getBody().front().without_terminator())
    llvm::append_range(values, op.getResults());
  SmallVector<RankedTensorType> types;
  OpBuilder builder(function.getContext());
  for (Value value : values) {
    if (!isFloat(value.getType()))
      continue;
    if (Operation *op = value.getDefiningOp())
      builder.setInsertionPointAfter(op);
    else
      builder.setInsertionPointToStart(&function.getBody().front());
    const unsigned place = function.getNumArguments();
    (void)function.insertArgument(place, value.getType(), {}, value.getLoc());
    auto noisy = MulOp::create(builder, value.getLoc(), value, function.getArgument(place));
    value.replaceAllUsesExcept(noisy, noisy);
    types.push_back(cast<RankedTensorType>(value.getType()));
  }
  return types;
}

} // namespace

LogicalResult forEachNoisyRun(func::FuncOp function, ArrayRef<Tensor> arguments, double magnitude,
                              uint64_t seed, function_ref<void(const FunctionRun &)> visit) {
  OwningOpRef<ModuleOp> copy = function->getParentOfType<ModuleOp>().clone();
  auto noisy = copy->lookupSymbol<func::FuncOp>(function.getSymName());
  const SmallVector<RankedTensorType> types = addNoise(noisy);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-magnitude, magnitude);
  for (int run = 0; run < runs; ++run) {
    std::vector<Tensor> all(arguments);
    for (RankedTensorType type : types) {
      Tensor &factors = all.emplace_back(type);
      for (double &factor : factors.values)
        factor = 1 + uniform(random);
    }
    FailureOr<FunctionRun> moved = runFunction(noisy, all, seed);
    if (failed(moved))
      return failure();
    visit(*moved);
  }
  return success();
}

} // namespace weir
