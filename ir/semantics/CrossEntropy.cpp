//===- CrossEntropy.cpp - cross_entropy: shapes, reference, gradient -------------------------===//

#include "ir/Builders.h"
#include "ir/semantics/LogSumExp.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {

LogicalResult CrossEntropyOp::inferReturnTypes(MLIRContext *context,
                                               std::optional<Location> location, Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  auto logits = cast<RankedTensorType>(adaptor.getLogits().getType());
  auto labels = cast<RankedTensorType>(adaptor.getLabels().getType());
  if (logits.getRank() != 2) // C1
    return emitOptionalError(location, "'cross_entropy' expects one score per class, but got ",
                             imageShapeText(logits));
  if (labels.getShape() != logits.getShape().take_front()) // C2
    return emitOptionalError(location, "'cross_entropy' expects one label per row of ",
                             shapeText(logits.getShape()), ", but got ",
                             shapeText(labels.getShape()));
  const double smoothing = adaptor.getLabelSmoothing().convertToDouble();
  if (!(smoothing >= 0 && smoothing < 1)) // C3
    return emitOptionalError(
        location,
        "'cross_entropy' expects a value from 0 to below 1 for 'label_smoothing', but got ",
        numberText(smoothing));
  types.push_back(f32Tensor(context, {}));
  types.push_back(RankedTensorType::get({}, IntegerType::get(context, 32)));
  return success();
}

/// The probability that a class shall have.
static double target(double smoothing, int64_t classes, bool isLabel) {
  return (1 - smoothing) * (isLabel ? 1 : 0) + smoothing / static_cast<double>(classes);
}

void CrossEntropyOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &logits = operands[0], &labels = operands[1];
  const int64_t n = logits.columns(), batch = logits.rows();
  const double smoothing = getLabelSmoothing().convertToDouble();
  for (int64_t b = 0; b < batch; ++b) {
    const double *row = &logits.values[b * n];
    const auto label = static_cast<int64_t>(labels[b]);
    const auto [largest, logSum] = logSumExp(row, n);
    double wanted = 0; // the logits' mean under the target
    for (int64_t j = 0; j < n; ++j)
      wanted += target(smoothing, n, j == label) * row[j];
    results[0][0] += (largest + logSum - wanted) / static_cast<double>(batch);
    results[1][0] += std::max_element(row, row + n) - row == label;
  }
}

SmallVector<Value> CrossEntropyOp::buildGradient(OpBuilder &builder, ValueRange gradients,
                                                 ArrayRef<bool>) {
  return {CrossEntropyGradOp::create(builder, getLoc(), getLogits().getType(), getLogits(),
                                     getLabels(), gradients[0], getLabelSmoothingAttr()),
          Value()};
}

void CrossEntropyGradOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &logits = operands[0], &labels = operands[1];
  const int64_t n = logits.columns(), batch = logits.rows();
  const double scale = operands[2][0] / static_cast<double>(batch),
               smoothing = getLabelSmoothing().convertToDouble();
  for (int64_t b = 0; b < batch; ++b) {
    const double *row = &logits.values[b * n];
    const auto [largest, logSum] = logSumExp(row, n);
    for (int64_t j = 0; j < n; ++j)
      results[0][b * n + j] = scale * (std::exp(row[j] - largest - logSum) -
                                       target(smoothing, n, j == static_cast<int64_t>(labels[b])));
  }
}

} // namespace weir
