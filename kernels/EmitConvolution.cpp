//===- EmitConvolution.cpp - patches and depthwise convolutions ------------------------------===//
//
// Other convolutions are matrix products by now (lower-convolutions): what is left of them are the
// windows as rows, and the sum of overlapping windows.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/EmitWindow.h"
#include "kernels/Windows.h"

using namespace Halide;
using llvm::ArrayRef;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

ArrayRef<int64_t> shapeOf(Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// Windows of a depthwise op: the kernel's size stands in the weight's shape.
template <typename Op> Window depthwiseWindow(Op op, Value image, Value weight) {
  return windowOf(image.getType(), {shapeOf(weight).take_front(2), op.getStride(), op.getPadding(),
                                    op.getDilation()});
}

/// The input channel of output channel `channel`.
Expr inputChannel(const Expr &channel, Value image, Value output) {
  const int64_t channels = shapeOf(image)[3], multiplier = shapeOf(output)[3] / channels;
  if (multiplier == 1)
    return channel;
  return min(channel / static_cast<int>(multiplier), static_cast<int>(channels) - 1);
}

/// The window through which, at stride 1, an input position sees the outputs that saw it.
Window flip(const Window &window) {
  const auto axis = [](const WindowAxis &a) {
    const int64_t reach = (a.kernel - 1) * a.dilation, before = reach - a.before;
    return WindowAxis{
        a.output, a.input, a.kernel, 1, a.dilation, before, a.input - a.output + reach - before};
  };
  return {axis(window.vertical), axis(window.horizontal)};
}
bool canFlip(const Window &window) {
  const auto axis = [](const WindowAxis &a) {
    return a.stride == 1 && a.before <= (a.kernel - 1) * a.dilation;
  };
  return axis(window.vertical) && axis(window.horizontal);
}

} // namespace

void emitPatches(Operation *op, Emitter &emitter) {
  auto patches = llvm::cast<PatchesOp>(op);
  const Value x = patches.getX();
  emitter.keepInMemory(x);
  const Window window = windowOf(x.getType(), {patches.getKernel(), patches.getStride(),
                                               patches.getPadding(), patches.getDilation()});
  emitter.images[patches.getResult()] = paddedImage(emitter, x, window);
  emitter.define(patches.getResult(), [&](Exprs i) { // channel, n, m, x, y, batch
    return valueOf(emitter, patches, {i[3], i[4], i[5]}, {i[0], i[1], i[2]});
  });
}

void emitFoldPatches(Operation *op, Emitter &emitter) {
  auto fold = llvm::cast<FoldPatchesOp>(op);
  const Value dy = fold.getDy();
  emitter.keepInMemory(dy);
  const Window window = windowOf(fold.getType(), {shapeOf(dy).slice(3, 2), fold.getStride(),
                                                  fold.getPadding(), fold.getDilation()});
  emitter.define(fold.getResult(), [&](Exprs i) {
    Expr sum = 0.0f;
    forEachTap(window, [&](int m, int n) {
      const Position x = outputOf(window.horizontal, i[1], n),
                     y = outputOf(window.vertical, i[2], m);
      Expr inside = x.inside.defined() ? x.inside : cast<bool>(Expr(1));
      if (y.inside.defined())
        inside = inside && y.inside;
      sum = sum + select(inside, emitter.at(dy, {i[0], n, m, x.at, y.at, i[3]}), 0.0f);
    });
    return sum;
  });
}

void emitFlipWeight(Operation *op, Emitter &emitter) {
  auto flip = llvm::cast<FlipWeightOp>(op);
  const Value weight = flip.getWeight();
  const llvm::SmallVector<int> extents = extentsOf(weight); // filter, channel, n, m
  emitter.define(flip.getResult(), [&](Exprs i) {
    const Expr channel = min(i[0], extents[1] - 1); // whole vectors run over the end of rows
    return emitter.at(weight, {i[1], channel, extents[2] - 1 - i[2], extents[3] - 1 - i[3]});
  });
}

void emitDepthwiseConv2d(Operation *op, Emitter &emitter) {
  if (emitter.strips)
    return emitStripDepthwise(op, emitter);
  auto conv = llvm::cast<DepthwiseConv2dOp>(op);
  const Value x = conv.getX(), weight = conv.getWeight(), bias = conv.getBias();
  emitter.keepInMemory(weight);
  const Window window = depthwiseWindow(conv, x, weight);
  // With a multiplier, a vector of results needs half a vector of channels, at any place.
  const bool ofColumns = conv.getMultiplier() == 1;
  const std::optional<Quantization> type = quantizationOf(x.getType());
  Conversion convert;
  if (type) // products of 16 bits are one instruction for two terms, vpmaddwd
    convert = [type](const Expr &value) {
      return cast<int16_t>(value) - static_cast<int16_t>(type->zeroPoint);
    };
  const auto image = paddedImage(emitter, x, window, ofColumns, convert);
  const auto product = [&](const Expr &a, const Expr &b) {
    return type ? cast<int32_t>(a) * cast<int32_t>(cast<int16_t>(b)) : a * b;
  };
  emitter.dimensionsInside = ofColumns && isSmall(emitter, window) ? 2 : 1;
  emitter.define(conv.getResult(), [&](Exprs i) {
    const Expr channel = inputChannel(i[0], x, conv.getResult());
    Expr sum = bias ? emitter.at(bias, i[0]) : type ? Expr(0) : Expr(0.0f);
    forEachTap(window, [&](int m, int n) {
      const auto place = [](const WindowAxis &axis, const Expr &output, int tap) {
        return output * static_cast<int>(axis.stride) + tap * static_cast<int>(axis.dilation);
      };
      sum = sum + product(image({channel, place(window.horizontal, i[1], n),
                                 place(window.vertical, i[2], m), i[3]}),
                          emitter.at(weight, {i[0], n, m}));
    });
    return sum;
  });
}

void emitDepthwiseInputGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<DepthwiseInputGradOp>(op);
  const Value dy = grad.getDy(), weight = grad.getWeight();
  emitter.keepInMemory(dy);
  emitter.keepInMemory(weight);
  const Window window = depthwiseWindow(grad, grad.getResult(), weight);
  const auto multiplier = static_cast<int>(shapeOf(dy)[3] / shapeOf(grad.getResult())[3]);
  const auto channels = static_cast<int>(shapeOf(dy)[3]);
  if (const Window flipped = flip(window); multiplier == 1 && canFlip(window)) {
    const auto gradient = paddedImage(emitter, dy, flipped, /*ofColumns=*/true);
    emitter.dimensionsInside = isSmall(emitter, flipped) ? 2 : 1;
    emitter.define(grad.getResult(), [&](Exprs i) {
      Expr sum = 0.0f;
      forEachTap(flipped, [&](int m, int n) {
        const auto x = static_cast<int>(flipped.horizontal.dilation) * n,
                   y = static_cast<int>(flipped.vertical.dilation) * m;
        sum =
            sum + gradient({i[0], i[1] + x, i[2] + y, i[3]}) *
                      emitter.at(weight, {i[0], static_cast<int>(flipped.horizontal.kernel) - 1 - n,
                                          static_cast<int>(flipped.vertical.kernel) - 1 - m});
      });
      return sum;
    });
    return;
  }
  emitter.dimensionsInside = 1;
  emitter.phases = window.horizontal.stride;
  emitter.define(grad.getResult(), [&](Exprs i) {
    Expr sum = 0.0f;
    for (int q = 0; q < multiplier; ++q) {
      const Expr channel = multiplier == 1 ? i[0] : Expr(min(i[0] * multiplier + q, channels - 1));
      forEachTap(window, [&](int m, int n) {
        sum = sum + readInside(emitter, dy, channel, outputOf(window.horizontal, i[1], n),
                               outputOf(window.vertical, i[2], m), i[3], 0.0f) *
                        emitter.at(weight, {channel, n, m});
      });
    }
    return sum;
  });
}

void emitDepthwiseWeightGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<DepthwiseWeightGradOp>(op);
  const Value x = grad.getX(), dy = grad.getDy(), result = grad.getResult();
  emitter.keepInMemory(dy);
  const Window window = depthwiseWindow(grad, x, result);
  const auto image = paddedImage(emitter, x, window, /*ofColumns=*/shapeOf(x)[3] == shapeOf(dy)[3]);
  const std::vector<Var> vars = indexVars(3); // channel, n, m
  Reduction reduction;
  reduction.value = result;
  reduction.schedule = choosePlainSchedule(emitter.target);
  reduction.domain =
      RDom(0, static_cast<int>(window.horizontal.output), 0,
           static_cast<int>(window.vertical.output), 0, static_cast<int>(shapeOf(x)[0]));
  const RDom &r = reduction.domain;
  const auto place = [](const WindowAxis &axis, const Expr &output, const Expr &tap) {
    return output * static_cast<int>(axis.stride) + tap * static_cast<int>(axis.dilation);
  };
  reduction.partial(vars) = 0.0f;
  reduction.partial(vars) +=
      image({inputChannel(vars[0], x, dy), place(window.horizontal, r.x, vars[1]),
             place(window.vertical, r.y, vars[2]), r.z}) *
      emitter.at(dy, {vars[0], r.x, r.y, r.z});
  const Func sum = reduction.partial;
  emitter.reductions.push_back(std::move(reduction));
  emitter.dimensionsInside = 2;
  emitter.define(result, [&](Exprs i) { return sum(i[0], i[1], i[2]); });
}

} // namespace weir::kernels
