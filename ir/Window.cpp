//===- Window.cpp - see Window.h --------------------------------------------------------------===//

#include "ir/Window.h"
#include "ir/Builders.h"

#include <limits>

using namespace mlir;

namespace weir {
namespace {

/// More than any kernel or border needs; below it, sums and products of a few sizes cannot
/// overflow.
constexpr int64_t largestSize = 16384;
/// Taps of a pool or a depthwise convolution; 28x28, a whole image of MNIST, takes 3 s to compile.
constexpr int64_t mostTaps = 1024;

/// One axis' share of a list of one or two sizes; `otherwise` for an empty one.
int64_t sizeOf(ArrayRef<int64_t> sizes, unsigned axis, int64_t otherwise) {
  return sizes.empty() ? otherwise : sizes[sizes.size() == 1 ? 0 : axis];
}

bool isSame(ArrayRef<int64_t> padding) { return padding == ArrayRef<int64_t>{-1}; }

/// Inputs between the first and the last that a window sees, both included.
int64_t extentOf(const WindowAxis &axis) { return (axis.kernel - 1) * axis.dilation + 1; }

int64_t paddedInput(const WindowAxis &axis) { return axis.before + axis.input + axis.after; }

/// Padding and output of TensorFlow's "same": as many outputs as strides begin in the input; the
/// padding that they need is shared, the odd one goes behind.
void resolveSame(WindowAxis &axis) {
  axis.output = llvm::divideCeil(axis.input, axis.stride);
  const int64_t needed = (axis.output - 1) * axis.stride + extentOf(axis) - axis.input;
  axis.before = std::max<int64_t>(needed, 0) / 2;
  axis.after = std::max<int64_t>(needed, 0) - axis.before;
}

/// As many windows as fit; with `ceilMode` also one that ends outside, if it begins before the
/// padding behind.
int64_t countOutputs(const WindowAxis &axis, bool ceilMode) {
  const int64_t room = paddedInput(axis) - extentOf(axis);
  const int64_t last = room / axis.stride;
  const bool more =
      ceilMode && room % axis.stride != 0 && (last + 1) * axis.stride < axis.before + axis.input;
  return last + 1 + more;
}

WindowAxis resolveAxis(ArrayRef<int64_t> shape, const WindowAttributes &attributes,
                       unsigned number) {
  WindowAxis axis{};
  axis.input = shape[1 + number];
  axis.kernel = sizeOf(attributes.kernel, number, 1);
  axis.stride = sizeOf(attributes.stride, number, axis.kernel);
  axis.dilation = sizeOf(attributes.dilation, number, 1);
  ArrayRef<int64_t> padding = attributes.padding;
  if (isSame(padding)) {
    resolveSame(axis);
    return axis;
  }
  axis.before = padding.size() == 4 ? padding[2 * number] : sizeOf(padding, number, 0);
  axis.after = padding.size() == 4 ? padding[2 * number + 1] : axis.before;
  axis.output = paddedInput(axis) < extentOf(axis) ? 0 : countOutputs(axis, attributes.ceilMode);
  return axis;
}

/// C2 of one list of one or two sizes.
LogicalResult checkSizes(StringRef name, StringRef what, ArrayRef<int64_t> sizes,
                         function_ref<InFlightDiagnostic()> emitError) {
  const bool positive =
      llvm::all_of(sizes, [](int64_t size) { return size >= 1 && size <= largestSize; });
  if (positive && (sizes.size() == 1 || sizes.size() == 2))
    return success();
  return emitError() << "'" << name << "' expects a " << what << " of one or two sizes from 1 to "
                     << largestSize << ", but got [" << listText(sizes) << "]";
}

/// C2
LogicalResult checkAttributes(StringRef name, const WindowAttributes &attributes,
                              function_ref<InFlightDiagnostic()> emitError) {
  if (failed(checkSizes(name, "kernel", attributes.kernel, emitError)))
    return failure();
  if (!attributes.stride.empty() &&
      failed(checkSizes(name, "stride", attributes.stride, emitError)))
    return failure();
  if (!attributes.dilation.empty() &&
      failed(checkSizes(name, "dilation", attributes.dilation, emitError)))
    return failure();
  ArrayRef<int64_t> padding = attributes.padding;
  const bool inRange =
      llvm::all_of(padding, [](int64_t size) { return size >= 0 && size <= largestSize; });
  const size_t count = padding.size();
  if (isSame(padding) || (inRange && (count == 1 || count == 2 || count == 4)))
    return success();
  return emitError() << "'" << name << "' expects \"same\", \"valid\" or a padding of one, two or "
                     << "four sizes from 0 to " << largestSize << ", but got [" << listText(padding)
                     << "]";
}

/// C2: windows stay within what kernels can be made of. A convolution's become rows of one tensor,
/// those of other ops are written out tap by tap.
LogicalResult checkExtent(StringRef name, RankedTensorType image, const Window &window,
                          function_ref<InFlightDiagnostic()> emitError) {
  if (!name.starts_with("conv2d")) {
    if (window.taps() <= mostTaps)
      return success();
    return emitError() << "'" << name << "' expects a kernel of at most " << mostTaps
                       << " positions, but got "
                       << shapeText({window.vertical.kernel, window.horizontal.kernel});
  }
  double values = 1; // may not fit into 64 bits
  for (const int64_t size : {image.getDimSize(0), image.getDimSize(3), window.vertical.output,
                             window.horizontal.output, window.taps()})
    values *= static_cast<double>(size);
  if (window.isPointwise() || values <= std::numeric_limits<int32_t>::max())
    return success();
  return emitError()
         << "'" << name
         << "' expects at most 2147483647 values in its windows (batch x output x kernel "
            "x channels), but got "
         << numberText(values);
}

} // namespace

int64_t WindowAxis::outputsThrough(int64_t tap) const {
  int64_t count = 0;
  for (int64_t i = 0; i < output; ++i) {
    const int64_t at = i * stride - before + tap * dilation;
    count += at >= 0 && at < input;
  }
  return count;
}

bool Window::isPointwise() const {
  for (const WindowAxis &axis : {vertical, horizontal})
    if (axis.kernel != 1 || axis.stride != 1 || axis.before != 0 || axis.after != 0)
      return false;
  return true;
}

Window windowOf(Type input, const WindowAttributes &attributes) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input).getShape();
  return {resolveAxis(shape, attributes, 0), resolveAxis(shape, attributes, 1)};
}

FailureOr<Window> resolveWindow(StringRef name, Type input, const WindowAttributes &attributes,
                                function_ref<InFlightDiagnostic()> emitError) {
  auto type = cast<RankedTensorType>(input);
  if (type.getRank() != 4) { // C1
    emitError() << "'" << name << "' expects images of height x width x channels, but got "
                << imageShapeText(type);
    return failure();
  }
  if (failed(checkAttributes(name, attributes, emitError)))
    return failure();
  const Window window = windowOf(type, attributes);
  const WindowAxis &vertical = window.vertical, &horizontal = window.horizontal;
  if (vertical.output >= 1 && horizontal.output >= 1) {
    if (failed(checkExtent(name, type, window, emitError)))
      return failure();
    return window;
  }
  InFlightDiagnostic error = emitError(); // C3
  error << "'" << name << "' expects a kernel that fits into the padded image of "
        << shapeText({paddedInput(vertical), paddedInput(horizontal)}) << ", but got "
        << shapeText({extentOf(vertical), extentOf(horizontal)});
  if (vertical.dilation > 1 || horizontal.dilation > 1)
    error << " (" << shapeText({vertical.kernel, horizontal.kernel}) << ", dilation "
          << shapeText({vertical.dilation, horizontal.dilation}) << ")";
  return failure();
}

} // namespace weir
