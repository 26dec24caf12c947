//===- EmitShape.cpp - reshape, concat, slice, pad, transpose: values from other places ------===//
//
// Each value by formula. A kernel that is one concat, slice, slice_grad or pad is built by
// CopyPipeline.cpp instead, without the selects; these serve groups with other ops.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Axes.h"
#include "ir/semantics/QuantizedArithmetic.h"
#include "kernels/Emit.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

/// Innermost first, as Halide has it.
size_t dimensionFromInside(int64_t axis, Value value) {
  const auto rank = static_cast<int64_t>(extentsOf(value).size());
  return static_cast<size_t>(rank - 1 - dimensionOf(axis, rank));
}

std::vector<Expr> listOf(Exprs index) { return {index.begin(), index.end()}; }

/// `x` where `index` lies inside of it, else `otherwise`. Lanes outside read the nearest element.
Expr atOr(Emitter &emitter, Value x, std::vector<Expr> index, llvm::ArrayRef<size_t> dimensions,
          const Expr &otherwise) {
  Expr inside = Internal::const_true();
  const llvm::SmallVector<int> extents = extentsOf(x);
  for (size_t d : dimensions) {
    inside = inside && index[d] >= 0 && index[d] < extents[d];
    index[d] = clamp(index[d], 0, extents[d] - 1);
  }
  return select(inside, emitter.at(x, index), otherwise);
}

} // namespace

double borderOf(PadOp pad) {
  const double value = pad.getValue().convertToDouble();
  const std::optional<Quantization> type = quantizationOf(pad.getType());
  return type ? quantized(value, *type) : value;
}

// The operand's index is that of the element at the same place in row-major order.
void emitReshaped(Operation *op, Emitter &emitter) {
  const Value x = op->getOperand(0);
  const llvm::SmallVector<int> from = extentsOf(x), to = extentsOf(op->getResult(0));
  emitter.define(op->getResult(0), [&](Exprs i) {
    Expr element = 0;
    for (size_t dimension = to.size(); dimension-- > 0;)
      element = element * to[dimension] + i[dimension];
    std::vector<Expr> index;
    for (const int extent : from) {
      index.push_back(element % extent);
      element = element / extent;
    }
    return emitter.at(x, index);
  });
}

void emitConcat(Operation *op, Emitter &emitter) {
  auto concat = llvm::cast<ConcatOp>(op);
  const size_t d = dimensionFromInside(concat.getAxis(), concat.getResult());
  emitter.define(concat.getResult(), [&](Exprs i) {
    Expr value = 0.0f;
    int end = extentsOf(concat.getResult())[d];
    for (Value input : llvm::reverse(concat.getInputs())) {
      const int extent = extentsOf(input)[d];
      std::vector<Expr> index = listOf(i);
      index[d] = clamp(i[d] - (end - extent), 0, extent - 1);
      const Expr piece = emitter.at(input, index);
      value = end == extentsOf(concat.getResult())[d] ? piece : select(i[d] < end, piece, value);
      end -= extent;
    }
    return value;
  });
}

void emitSlice(Operation *op, Emitter &emitter) {
  auto slice = llvm::cast<SliceOp>(op);
  const size_t d = dimensionFromInside(slice.getAxis(), slice.getX());
  emitter.define(slice.getResult(), [&](Exprs i) {
    std::vector<Expr> index = listOf(i);
    index[d] = min(i[d] + static_cast<int>(slice.getBegin()), extentsOf(slice.getX())[d] - 1);
    return emitter.at(slice.getX(), index);
  });
}

void emitSliceGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<SliceGradOp>(op);
  const size_t d = dimensionFromInside(grad.getAxis(), grad.getDy());
  emitter.define(grad.getResult(), [&](Exprs i) {
    std::vector<Expr> index = listOf(i);
    index[d] = i[d] - static_cast<int>(grad.getBegin());
    return atOr(emitter, grad.getDy(), index, {d}, 0.0f);
  });
}

void emitPad(Operation *op, Emitter &emitter) {
  auto pad = llvm::cast<PadOp>(op);
  const Border border = *findBorder(pad.getPadding());
  emitter.define(pad.getResult(), [&](Exprs i) {
    std::vector<Expr> index = listOf(i);
    index[1] = i[1] - static_cast<int>(border.left);
    index[2] = i[2] - static_cast<int>(border.top);
    return atOr(emitter, pad.getX(), index, {1, 2},
                Internal::make_const(halideType(pad.getType()), borderOf(pad)));
  });
}

void emitTranspose(Operation *op, Emitter &emitter) {
  auto transpose = llvm::cast<TransposeOp>(op);
  const Value x = transpose.getX();
  const llvm::SmallVector<int> extents = extentsOf(x);
  const size_t rank = extents.size();
  emitter.define(transpose.getResult(), [&](Exprs i) {
    std::vector<Expr> index(rank);
    index[rank - 1] = i[rank - 1]; // the batch
    for (auto [to, from] : llvm::enumerate(transpose.getPermutation())) {
      const size_t own = rank - 2 - static_cast<size_t>(from);
      // Whole vectors may run over the end of the result's rows.
      index[own] = to + 2 == rank && own != 0 ? min(i[0], extents[own] - 1) : i[rank - 2 - to];
    }
    return emitter.at(x, index);
  });
}

} // namespace weir::kernels
