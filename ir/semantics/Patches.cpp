//===- Patches.cpp - patches, fold_patches, flip_weight: shapes and reference -----------------===//

#include "ir/Builders.h"
#include "ir/semantics/QuantizedArithmetic.h"
#include "ir/semantics/Taps.h"

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

/// The shape of all windows of an image.
SmallVector<int64_t> patchesShape(RankedTensorType image, const Window &window) {
  return {image.getDimSize(0),    window.vertical.output,   window.horizontal.output,
          window.vertical.kernel, window.horizontal.kernel, image.getDimSize(3)};
}

/// Calls `visit(patch, image)` with the offsets of values that are one and the same.
template <typename Visit>
void forEachPatchValue(const Window &window, int64_t batch, int64_t channels, Visit visit) {
  forEachTap(window, batch, [&](int64_t output, int64_t input, int64_t tap) {
    for (int64_t c = 0; c < channels; ++c)
      visit((output * window.taps() + tap) * channels + c, input * channels + c);
  });
}

} // namespace

LogicalResult PatchesOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Location where = location.value_or(UnknownLoc::get(context));
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  FailureOr<Window> window = resolveWindow(
      "patches", x,
      {adaptor.getKernel(), adaptor.getStride(), adaptor.getPadding(), adaptor.getDilation()},
      [&] { return mlir::emitError(where); });
  if (failed(window))
    return failure();
  types.push_back(x.clone(patchesShape(x, *window)));
  return success();
}

void PatchesOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &x = operands[0];
  const Window window =
      windowOf(getX().getType(), {getKernel(), getStride(), getPadding(), getDilation()});
  if (std::optional<Quantization> type = quantizationOf(getType()))
    llvm::fill(results[0].values, static_cast<double>(type->zeroPoint));
  forEachPatchValue(window, x.shape[0], x.columns(),
                    [&](int64_t patch, int64_t image) { results[0][patch] = x[image]; });
}

LogicalResult FoldPatchesOp::verify() {
  auto dy = cast<RankedTensorType>(getDy().getType()), image = cast<RankedTensorType>(getType());
  auto emitError = [&] { return mlir::emitError(getLoc()); };
  if (dy.getRank() != 6)
    return emitError() << "'fold_patches' expects dy of rank 6, but got "
                       << shapeText(dy.getShape());
  FailureOr<Window> window = resolveWindow(
      "fold_patches", image, {dy.getShape().slice(3, 2), getStride(), getPadding(), getDilation()},
      emitError);
  if (failed(window))
    return failure();
  if (const auto expected = patchesShape(image, *window); dy.getShape() != ArrayRef(expected))
    return emitError() << "'fold_patches' expects dy of " << shapeText(expected) << ", but got "
                       << shapeText(dy.getShape());
  return success();
}

void FoldPatchesOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &dy = operands[0];
  Tensor &dx = results[0];
  const Window window = windowOf(
      getType(), {ArrayRef(dy.shape).slice(3, 2), getStride(), getPadding(), getDilation()});
  forEachPatchValue(window, dx.shape[0], dx.columns(),
                    [&](int64_t patch, int64_t image) { dx[image] += dy[patch]; });
}

LogicalResult FlipWeightOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  const ArrayRef<int64_t> shape = weight.getShape();
  if (shape.size() != 4) // C1
    return emitOptionalError(location, "'flip_weight' expects a weight of rank 4, but got ",
                             shapeText(shape));
  types.push_back(weight.clone({shape[0], shape[1], shape[3], shape[2]}));
  return success();
}

void FlipWeightOp::evaluate(ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
  const Tensor &weight = operands[0];
  const int64_t taps = weight.shape[0] * weight.shape[1], channels = weight.shape[2],
                filters = weight.shape[3];
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t o = 0; o < filters; ++o)
        results[0][((taps - 1 - tap) * filters + o) * channels + c] =
            weight[(tap * channels + c) * filters + o];
}

} // namespace weir
