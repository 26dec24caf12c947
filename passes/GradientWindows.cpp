//===- GradientWindows.cpp - see GradientWindows.h -------------------------------------------===//
//
// The model: both ways are a product (WindowFusion.h) and bytes. Adding up writes and reads an
// image as often as the kernel has taps, and reads each of them in a vector's turn of its own.
// Windows of dy have as many rows as the image has positions, which without a border are more than
// dy has; dy is copied with a border where they reach over its ends, and the weights are turned
// around once a step, as long as transposing them for the other product takes.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/GradientWindows.h"
#include "passes/WindowFusion.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace weir {
namespace {

constexpr int64_t valueBytes = sizeof(float), lanes = 16;
/// What stays in L2 until it is read moves four times as fast.
constexpr int64_t nearBytes = 768 * 1024;
/// Of nearly equal ways, the one without another kernel.
constexpr double worthwhile = 0.98;
/// A weight read across its rows, as of kernels/ChooseSchedule.cpp.
constexpr double transposedCycles = 3.4;

double moved(int64_t bytes) { return movedCycles(bytes) / (bytes <= nearBytes ? 4 : 1); }

int64_t reach(const WindowAxis &axis) { return (axis.kernel - 1) * axis.dilation; }

} // namespace

std::optional<SmallVector<int64_t>> flippedPadding(const Window &window) {
  SmallVector<int64_t> padding;
  for (const WindowAxis &axis : {window.vertical, window.horizontal}) {
    if (axis.stride != 1 || axis.before > reach(axis) || axis.after > reach(axis))
      return std::nullopt;
    padding.append({reach(axis) - axis.before, reach(axis) - axis.after});
  }
  return padding;
}

GradientChoice chooseGradientWindows(const Window &window, GradientExtents extents) {
  const auto [batch, channels, filters] = extents;
  const WindowAxis &rows = window.vertical, &columns = window.horizontal;
  const auto padding = flippedPadding(window);
  if (!padding)
    return {std::nullopt, "adds windows up ('fold_patches'): at this stride and border it is no "
                          "convolution of dy"};
  const int64_t taps = window.taps(), weights = taps * channels * filters;
  const int64_t outputs = batch * rows.output * columns.output;
  const int64_t inputs = batch * rows.input * columns.input;

  const int64_t foldedBytes = outputs * taps * channels * valueBytes;
  const bool transposes = 4 * outputs >= 3 * filters; // few rows sum in lanes
  const double folding = productCycles(outputs, filters, taps * channels, /*lines=*/true) +
                         moved(foldedBytes) +
                         double(inputs * taps * int64_t(divideCeil(channels, lanes))) +
                         (transposes ? transposedCycles * double(weights) : 0);

  const int64_t borderedBytes =
      batch * (rows.input + reach(rows)) * (columns.input + reach(columns)) * filters * valueBytes;
  const double fromImage =
      productCycles({columns.input, rows.input, batch}, taps * filters, channels, /*lines=*/true) +
      moved(borderedBytes);
  const double fromMatrix = productCycles(inputs, taps * filters, channels, /*lines=*/true) +
                            moved(inputs * taps * filters * valueBytes);
  const double reading = std::min(fromImage, fromMatrix) + transposedCycles * double(weights);

  const std::string cycles =
      formatv("{0:f0} against {1:f0} thousand cycles", reading / 1000, folding / 1000);
  if (reading > worthwhile * folding)
    return {std::nullopt,
            "adds windows up ('fold_patches'): reading windows of dy would hardly gain, " + cycles};
  return {padding,
          "reads windows of dy instead of adding up " + kilobytes(foldedBytes) + ": " + cycles};
}

} // namespace weir
