//===- EmitWindow.cpp - see EmitWindow.h -----------------------------------------------------===//

#include "kernels/EmitWindow.h"

using namespace Halide;
using mlir::Value;

namespace weir::kernels {

Position inputOf(const WindowAxis &axis, const Expr &output, int tap) {
  const auto stride = static_cast<int>(axis.stride), input = static_cast<int>(axis.input);
  const int offset = tap * static_cast<int>(axis.dilation) - static_cast<int>(axis.before);
  const int last = static_cast<int>(axis.output - 1) * stride + offset;
  const Expr at = output * stride + offset;
  if (offset >= 0 && last < input)
    return {at, Expr()};
  if (offset >= 0)
    return {min(at, input - 1), at < input};
  if (last < input)
    return {max(at, 0), at >= 0};
  return {clamp(at, 0, input - 1), at >= 0 && at < input};
}

Position outputOf(const WindowAxis &axis, const Expr &input, int tap) {
  const auto stride = static_cast<int>(axis.stride), outputs = static_cast<int>(axis.output);
  const int offset = static_cast<int>(axis.before) - tap * static_cast<int>(axis.dilation);
  const Expr scaled = input + offset;
  Expr at = scaled, inside;
  const auto require = [&](const Expr &condition) {
    inside = inside.defined() ? inside && condition : condition;
  };
  if (stride > 1) {
    at = scaled / stride; // rounds down
    require(scaled % stride == 0);
  }
  if (offset < 0)
    require(scaled >= 0);
  if ((static_cast<int>(axis.input) - 1 + offset) / stride >= outputs)
    require(at < outputs);
  return {inside.defined() ? clamp(at, 0, outputs - 1) : at, inside};
}

Expr readInside(const Emitter &emitter, Value value, const Expr &channel, const Position &x,
                const Position &y, const Expr &batch, const Expr &otherwise,
                const Conversion &convert) {
  Expr inside = x.inside;
  if (y.inside.defined())
    inside = inside.defined() ? inside && y.inside : y.inside;
  Expr read = emitter.at(value, {channel, x.at, y.at, batch});
  if (convert)
    read = convert(read);
  return inside.defined() ? select(inside, read, otherwise) : read;
}

/// Of an image with its border.
static int paddedExtent(const WindowAxis &axis) {
  return static_cast<int>(axis.before + axis.input + axis.after);
}

/// Values of a padded image that one vector of channels has.
static int64_t valuesOfColumns(const Emitter &emitter, const Window &window) {
  return int64_t(paddedExtent(window.vertical)) * paddedExtent(window.horizontal) *
         emitter.target.vectorWidth;
}

bool isSmall(const Emitter &emitter, const Window &window) {
  constexpr int64_t most = 64 * 1024 / sizeof(float); // twice L1
  return valuesOfColumns(emitter, window) <= most;
}

/// paddedImage of few channels: vectors go along the pixels of a row, whose channels are
/// neighbours in memory. (A vector of one pixel's channels would be mostly air: the border of
/// 224x224x3 took 3.2 MB.) The image's first index runs over its end, into the next pixels.
static std::function<Expr(Exprs)> paddedRows(Emitter &emitter, Value image, const Window &window,
                                             const Conversion &convert, const Expr &outside) {
  const int channels = extentsOf(image)[0], width = static_cast<int>(window.horizontal.input),
            height = static_cast<int>(window.vertical.input);
  const Var value = indexVar(0), y = indexVar(1), batch = indexVar(2);
  const Expr from = value - static_cast<int>(window.horizontal.before) * channels,
             row = y - static_cast<int>(window.vertical.before);
  const Expr inside = likely(from >= 0 && from < width * channels) && row >= 0 && row < height;
  const Expr read = emitter.at(
      image, {clamp(from, 0, width * channels - 1), 0, clamp(row, 0, height - 1), batch});
  Func padded;
  padded(value, y, batch) = convert(select(inside, read, outside));
  emitter.store(padded, {channels * paddedExtent(window.horizontal), paddedExtent(window.vertical),
                         extentsOf(image)[3]});
  return [padded, channels](Exprs index) {
    return padded(index[1] * channels + index[0], index[2], index[3]);
  };
}

/// True of what is computed of the kernel's inputs place by place, in a few operations: whoever
/// reads each value once may as well compute it.
static bool isComputedInCopy(const Emitter &emitter, Value image) {
  mlir::Operation *maker = image.getDefiningOp();
  return !maker || (maker->hasTrait<Pointwise>() && !emitter.ahead.contains(maker) &&
                    llvm::all_of(maker->getOperands(), [&](Value operand) {
                      return isComputedInCopy(emitter, operand);
                    }));
}

std::function<Expr(Exprs)> paddedImage(Emitter &emitter, Value image, const Window &window,
                                       bool ofColumns, const Conversion &convert) {
  const bool copies = emitter.style.bordersInMemory && window.hasBorder();
  if (!copies || !isComputedInCopy(emitter, image))
    emitter.keepInMemory(image);
  const auto converted = [convert](const Expr &value) { return convert ? convert(value) : value; };
  const std::optional<Quantization> type = quantizationOf(image.getType());
  const Expr outside = Internal::make_const(halideType(image.getType()),
                                            type ? static_cast<double>(type->zeroPoint) : 0.0);
  if (!emitter.style.bordersInMemory)
    return [&emitter, image, window, converted, outside](Exprs index) {
      const auto inside = [](const WindowAxis &axis, const Expr &position) {
        const auto input = static_cast<int>(axis.input);
        const Expr at = position - static_cast<int>(axis.before);
        return axis.hasBorder() ? Position{clamp(at, 0, input - 1), at >= 0 && at < input}
                                : Position{at, Expr()};
      };
      return converted(readInside(emitter, image, index[0], inside(window.horizontal, index[1]),
                                  inside(window.vertical, index[2]), index[3], outside));
    };
  if (!copies)
    return
        [&emitter, image, converted](Exprs index) { return converted(emitter.at(image, index)); };
  const std::vector<Var> vars = indexVars(4);
  const auto border = [](const WindowAxis &axis, const Expr &position) {
    const auto input = static_cast<int>(axis.input);
    const Expr at = position - static_cast<int>(axis.before);
    return Position{clamp(at, 0, input - 1), at >= 0 && at < input};
  };
  if (!ofColumns && emitter.channelsAreRows(image))
    return paddedRows(emitter, image, window, converted, outside);
  Func padded;
  padded(vars) = converted(readInside(emitter, image, vars[0], border(window.horizontal, vars[1]),
                                      border(window.vertical, vars[2]), vars[3], outside));
  if (ofColumns && isSmall(emitter, window))
    emitter.ofColumns.emplace_back(padded, valuesOfColumns(emitter, window));
  else if (const llvm::SmallVector<int> extents{extentsOf(image)[0],
                                                paddedExtent(window.horizontal),
                                                paddedExtent(window.vertical), extentsOf(image)[3]};
           ofColumns)
    emitter.ofRows.push_back({padded, extents, {}});
  else
    emitter.store(padded, extents);
  return [padded](Exprs index) { return padded(std::vector<Expr>(index.begin(), index.end())); };
}

void forEachTap(const Window &window, llvm::function_ref<void(int, int)> visit) {
  for (int m = 0; m < window.vertical.kernel; ++m)
    for (int n = 0; n < window.horizontal.kernel; ++n)
      visit(m, n);
}

} // namespace weir::kernels
