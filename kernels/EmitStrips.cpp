//===- EmitStrips.cpp - convolutions of a group that is computed in strips -------------------===//
//
// All other convolutions are matrix products by now (lower-convolutions), or depthwise ones with
// loops of their own. Rows above and below the image are not computed: what is read there counts as
// zero.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/RegisterTile.h"
#include "kernels/EmitWindow.h"
#include "kernels/Strips.h"

#include <limits>
#include <stdexcept>

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

/// Positions x vectors of channels whose sums stay in registers; the model is that of
/// chooseMatrixSchedule, but the rows need not divide the width.
void chooseTile(StripProduct &product, int width, int columns, const KernelTarget &target) {
  const int vectors = (columns + target.vectorWidth - 1) / target.vectorWidth;
  double best = std::numeric_limits<double>::max();
  for (int rows = 1; rows <= std::min(width, 16); ++rows)
    for (int wide = 1; wide <= std::min(vectors, 8); ++wide) {
      if (rows * wide + wide + 1 > target.vectorRegisters)
        continue;
      const int tiles = ((vectors + wide - 1) / wide) * ((width + rows - 1) / rows);
      const double cycles = tiles * (registerTileCycles(wide, rows) + 0.5);
      if (cycles < best || (cycles == best && wide > product.tileVectors)) {
        best = cycles;
        product.tileRows = rows;
        product.tileVectors = wide;
      }
    }
}

/// Defines `product.sums` of `image`, and `conv` by them.
void emitProduct(Conv2dOp conv, StripProduct &product, int width, Emitter &emitter,
                 llvm::function_ref<Expr(Exprs)> image) {
  const Value weight = conv.getWeight(), bias = conv.getBias();
  const int depth = extentsOf(weight)[1], filters = extentsOf(weight)[0];
  chooseTile(product, width, filters, emitter.target);
  emitter.columnsOfTile = product.tileVectors * emitter.target.vectorWidth;
  emitter.keepInMemory(weight);
  const std::vector<Var> vars = indexVars(4);
  product.terms = RDom(0, depth);
  const Expr k = product.terms.x;
  product.sums(vars) = 0.0f;
  product.sums(vars) +=
      image({k, vars[1], vars[2], vars[3]}) * emitter.at(weight, {vars[0], k, 0, 0});
  const Func sums = product.sums;
  emitter.define(conv.getResult(), [&](Exprs i) {
    const Expr sum = sums(std::vector<Expr>(i.begin(), i.end()));
    return bias ? sum + emitter.at(bias, i[0]) : sum;
  });
}

/// As inputOf, with both ends of the image in every row's place: what a strip needs then begins at
/// its first row, and Halide computes all of that in one turn (see refuseEarlyTurns).
Position rowAt(const WindowAxis &axis, const Expr &output, int tap) {
  const Expr at = output * static_cast<int>(axis.stride) +
                  (tap * static_cast<int>(axis.dilation) - static_cast<int>(axis.before));
  return {clamp(at, 0, static_cast<int>(axis.input) - 1), inputOf(axis, output, tap).inside};
}

} // namespace

std::optional<Strips> findStrips(mlir::Block &body) {
  if (body.getOps<Conv2dOp>().empty())
    return std::nullopt;
  auto depthwise = body.getOps<DepthwiseConv2dOp>();
  if (depthwise.empty())
    throw std::runtime_error("'weir.conv2d' has a kernel only beside 'weir.depthwise_conv2d'");
  DepthwiseConv2dOp op = *depthwise.begin();
  Strips strips;
  strips.window = windowOf(op.getX().getType(),
                           {op.getKernel(), op.getStride(), op.getPadding(), op.getDilation()});
  strips.channels = extentsOf(op.getX())[0];
  if (auto count = op->getAttrOfType<mlir::IntegerAttr>("weir.strips"))
    strips.count = static_cast<int>(count.getInt());
  if (strips.count < 1 || strips.window.vertical.output % strips.count != 0)
    throw std::runtime_error("strips ('weir.strips') expect to divide the rows of an image");
  return strips;
}

void emitConv2d(Operation *op, Emitter &emitter) {
  auto conv = llvm::cast<Conv2dOp>(op);
  Strips &strips = *emitter.strips;
  const Value x = conv.getX();
  if (strips.wide.defined()) {
    const std::vector<Var> vars = indexVars(4);
    strips.filtered(vars) = emitter.at(x, std::vector<Expr>(vars.begin(), vars.end()));
    return emitProduct(conv, strips.project, extentsOf(conv.getResult())[1], emitter,
                       [&](Exprs i) { return strips.filtered(std::vector<Expr>(i)); });
  }
  // Tiles reach over the end of a row, where its last position is repeated.
  const int width = extentsOf(x)[1];
  strips.expand.emplace();
  emitter.keepInMemory(x);
  emitProduct(conv, *strips.expand, width, emitter, [&](Exprs i) {
    const bool divides = width % strips.expand->tileRows == 0;
    return emitter.at(x, {i[0], divides ? i[1] : min(i[1], width - 1), i[2], i[3]});
  });
}

void emitStripDepthwise(Operation *op, Emitter &emitter) {
  auto conv = llvm::cast<DepthwiseConv2dOp>(op);
  Strips &strips = *emitter.strips;
  const Value x = conv.getX(), weight = conv.getWeight(), bias = conv.getBias();
  const WindowAxis &rows = strips.window.vertical, &columns = strips.window.horizontal;
  const std::vector<Var> vars = indexVars(4);

  const int tile = strips.expand ? strips.expand->tileRows : 1;
  const auto input = static_cast<int>(columns.input), before = static_cast<int>(columns.before);
  const int last = static_cast<int>((columns.output - 1) * columns.stride +
                                    (columns.kernel - 1) * columns.dilation - columns.before);
  strips.columns = RDom(0, (input + tile - 1) / tile * tile);
  Func wide = strips.wide;
  wide(vars) = undef<float>();
  wide(vars[0], strips.columns.x, vars[2], vars[3]) =
      emitter.at(x, {vars[0], strips.columns.x, vars[2], vars[3]});
  for (const auto &[first, count] :
       {std::pair(-before, before), std::pair(input, last + 1 - input)})
    if (count > 0) {
      const RDom border(first, count);
      wide(vars[0], border.x, vars[2], vars[3]) = 0.0f;
    }

  emitter.columnsOfTile = emitter.target.vectorWidth;
  emitter.keepInMemory(weight);
  emitter.define(conv.getResult(), [&](Exprs i) {
    Expr sum = bias ? emitter.at(bias, i[0]) : Expr(0.0f);
    forEachTap(strips.window, [&](int m, int n) {
      const Position y = rowAt(rows, i[2], m);
      const Expr place = i[1] * static_cast<int>(columns.stride) +
                         (n * static_cast<int>(columns.dilation) - before);
      const Expr value = wide(i[0], place, y.at, i[3]);
      sum = sum + (y.inside.defined() ? select(y.inside, value, 0.0f) : value) *
                      emitter.at(weight, {i[0], n, m});
    });
    return sum;
  });
}

} // namespace weir::kernels
