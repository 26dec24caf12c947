//===- Packed.cpp - packed_dense: shape rules, reference -------------------------------------===//

#include "ir/Builders.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {

LogicalResult PackedDenseOp::verify() {
  const auto shapeOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  };
  const ArrayRef<int64_t> x = shapeOf(getX()), weight = shapeOf(getWeight()),
                          bias = shapeOf(getBias()), y = shapeOf(getResult());
  if (x.size() != 2 || y.size() != 2 || x[0] != y[0]) // C1
    return emitOpError("expects matrices of as many rows, but got ")
           << shapeText(x) << " and " << shapeText(y);
  const bool isPacked = weight.size() == 3 && (weight[2] == 2 || weight[2] == 4) &&
                        weight[0] == (x[1] + weight[2] - 1) / weight[2];
  if (!isPacked) // C2
    return emitOpError("expects the weights of ")
           << x[1] << " terms in groups of 2 or 4, but got " << shapeText(weight);
  if (bias.size() != 1 || bias[0] != weight[1]) // C3
    return emitOpError("expects a bias of ") << weight[1] << ", but got " << shapeText(bias);
  if (y[1] > weight[1]) // C4
    return emitOpError("expects at most ")
           << weight[1] << " units, those of the weights, but got " << y[1];
  return success();
}

void PackedDenseOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0], &weight = operands[1], &bias = operands[2];
  Tensor &y = results[0];
  const int64_t depth = x.columns(), padded = weight.shape[1], group = weight.shape[2];
  for (int64_t i = 0; i < y.rows(); ++i)
    for (int64_t j = 0; j < y.columns(); ++j) {
      double sum = bias[j];
      for (int64_t k = 0; k < depth; ++k)
        sum += x[i * depth + k] * weight[(k / group * padded + j) * group + k % group];
      y[i * y.columns() + j] = sum;
    }
}

} // namespace weir
