//===- DropDeadTaps.cpp - taps of a kernel that only ever meet the border --------------------===//
//
// Late layers of nets for small images: a kernel of 3 x 3 with a border of one has one living tap
// of nine on an image of 1 x 1, as in four fire modules of SqueezeNet 1.1 and four inverted
// residuals of MobileNetV2 on images of 28 x 28.
//
// Comes after differentiate: a weight's gradient stays whole, so that the update of all taps can be
// computed in its loops. Before simplify, which slices weights of known values once and for all.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "ir/Window.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_DROPDEADTAPS
#include "passes/Passes.h.inc"

namespace {

/// The taps from the first living one to the last.
struct Taps {
  int64_t begin, end;
};
Taps livingTaps(const WindowAxis &axis) {
  Taps taps{0, axis.kernel};
  while (taps.begin < taps.end && axis.outputsThrough(taps.begin) == 0)
    ++taps.begin;
  while (taps.end > taps.begin && axis.outputsThrough(taps.end - 1) == 0)
    --taps.end;
  return taps;
}

/// The same windows of these taps only, with the border that is left of them; none where the border
/// would have to be negative, or no tap is left.
std::optional<WindowAxis> cropped(WindowAxis axis, const Taps &taps) {
  axis.kernel = taps.end - taps.begin;
  axis.before -= taps.begin * axis.dilation;
  if (axis.output == 1)
    axis.stride = 1; // a stride that is never taken hides that a window is one pixel
  axis.after = (axis.output - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1 -
               axis.before - axis.input;
  if (axis.kernel < 1 || axis.before < 0 || axis.after < 0)
    return std::nullopt;
  return axis;
}

/// A part of one of the kernel's two dimensions: axes are counted behind a batch.
Value sliced(OpBuilder &builder, Location location, Value value, int64_t axis, const Taps &taps) {
  auto type = cast<RankedTensorType>(value.getType());
  return builder.createOrFold<SliceOp>(
      location, slicedType(type, axis + 1, taps.begin, taps.end - taps.begin), value,
      builder.getI64IntegerAttr(taps.begin), builder.getI64IntegerAttr(taps.end),
      builder.getI64IntegerAttr(axis));
}

/// These rows and columns of the kernel [height, width, ...], as a batch of one.
Value croppedWeight(OpBuilder &builder, Location location, Value weight, const Taps &rows,
                    const Taps &columns) {
  auto type = cast<RankedTensorType>(weight.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.insert(shape.begin(), 1);
  Value part = ViewOp::create(builder, location, reshapedType(type, shape), weight);
  part = sliced(builder, location, part, 0, rows);
  part = sliced(builder, location, part, 1, columns);
  ArrayRef<int64_t> left = cast<RankedTensorType>(part.getType()).getShape().drop_front();
  return ViewOp::create(builder, location, reshapedType(type, left), part);
}

/// The taps that are left of a window, and the window of them.
struct Living {
  Taps rows, columns;
  WindowAxis vertical, horizontal;
};
std::optional<Living> livingPart(const Window &window) {
  const Taps rows = livingTaps(window.vertical), columns = livingTaps(window.horizontal);
  if (rows.end - rows.begin == window.vertical.kernel &&
      columns.end - columns.begin == window.horizontal.kernel)
    return std::nullopt;
  const auto vertical = cropped(window.vertical, rows),
             horizontal = cropped(window.horizontal, columns);
  if (!vertical || !horizontal)
    return std::nullopt;
  return Living{rows, columns, *vertical, *horizontal};
}

/// Of `op` with this weight, on images of that type.
template <typename Op> void drop(Op op, Type image) {
  // Of a quantized weight, values are scaled as a whole.
  if (!getElementTypeOrSelf(op.getWeight().getType()).isF32())
    return;
  ArrayRef<int64_t> kernel =
      cast<RankedTensorType>(op.getWeight().getType()).getShape().take_front(2);
  const Window window =
      windowOf(image, {kernel, op.getStride(), op.getPadding(), op.getDilation()});
  const std::optional<Living> living = livingPart(window);
  if (!living)
    return;
  const auto &[rows, columns, vertical, horizontal] = *living;
  if (hasRemarks(op))
    tellDone(op, remarks::fold,
             nameIn(op) + " keeps " + Twine(vertical.kernel * horizontal.kernel) + " of " +
                 Twine(window.taps()) + " taps: the others never meet the image");
  OpBuilder builder(op);
  op.getWeightMutable().assign(croppedWeight(builder, op.getLoc(), op.getWeight(), rows, columns));
  if constexpr (requires { op.getKernel(); }) // gradients go by the weight
    op.setKernel({vertical.kernel, horizontal.kernel});
  op.setStride({vertical.stride, horizontal.stride});
  op.setPadding({vertical.before, vertical.after, horizontal.before, horizontal.after});
}

struct DropDeadTaps : impl::DropDeadTapsBase<DropDeadTaps> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      llvm::TypeSwitch<Operation *>(op)
          .Case<Conv2dOp, DepthwiseConv2dOp>(
              [](auto convolution) { drop(convolution, convolution.getX().getType()); })
          .Case<Conv2dInputGradOp, DepthwiseInputGradOp>(
              [](auto gradient) { drop(gradient, gradient.getType()); });
    });
  }
};

} // namespace
} // namespace weir
