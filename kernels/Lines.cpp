//===- Lines.cpp - see Lines.h ---------------------------------------------------------------===//

#include "kernels/Lines.h"
#include "kernels/MatrixLoops.h"

#include "ir/Quantization.h"

#include "mlir/IR/IRMapping.h"

using mlir::RankedTensorType;
using mlir::Value;

namespace weir::kernels {

std::unique_ptr<mlir::Block> linesBody(KernelOp kernel, const KernelTarget &target,
                                       const Schedule *given) {
  const std::optional<LoopFacts> loops = matrixLoopsOf(kernel, target);
  if (!loops || !loops->lines)
    return nullptr;
  const int64_t rows = loops->extents[1], line = loops->rowDimensions[0];
  const Schedule &schedule = given ? *given : loops->chosen;
  if (!RowTiles(schedule.tileRows, rows, loops->rowDimensions).pieces)
    return nullptr;
  mlir::Block &body = kernel.getBody().front();
  // Its operands stay what they are, whatever their shapes.
  mlir::Operation &product = *llvm::find_if(
      body, [](mlir::Operation &op) { return llvm::isa<DenseOp, PackedDenseOp>(op); });
  const auto typeOf = [&](Value value) {
    auto type = llvm::cast<RankedTensorType>(value.getType());
    if (type.getRank() != 2 || type.getDimSize(0) != rows ||
        llvm::is_contained(product.getOperands(), value))
      return type;
    return reshapedType(type, {rows / line, line, type.getDimSize(1)});
  };
  auto copy = std::make_unique<mlir::Block>();
  mlir::IRMapping mapping;
  for (mlir::BlockArgument argument : body.getArguments())
    mapping.map(argument, copy->addArgument(typeOf(argument), argument.getLoc()));
  for (mlir::Operation &op : body) {
    mlir::Operation *clone = op.clone(mapping);
    copy->push_back(clone);
    for (auto [old, result] : llvm::zip_equal(op.getResults(), clone->getResults()))
      result.setType(typeOf(old));
  }
  return copy;
}

} // namespace weir::kernels
