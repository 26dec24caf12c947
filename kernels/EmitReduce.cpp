//===- EmitReduce.cpp - softmax, log_softmax, cross_entropy: sums over rows ------------------===//

#include "kernels/Emit.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

/// What softmax and cross_entropy need of each row (a row is the last dimension): exp(x - m) with m
/// the row's maximum, its sum, and m. Their Funcs have the row's indices, the first one the
/// element's as well.
struct RowExponentials {
  Func exponential, sum, largest;
};

Expr reduced(const RDom &domain) { return Expr(domain); }

/// `index` behind `first`.
std::vector<Expr> prepend(Expr first, Exprs index) {
  std::vector<Expr> all{std::move(first)};
  all.insert(all.end(), index.begin(), index.end());
  return all;
}

std::vector<Expr> rowIndex(size_t rank) {
  std::vector<Expr> index;
  for (size_t dimension = 1; dimension < rank; ++dimension)
    index.push_back(indexVar(dimension));
  return index;
}

/// A sum over each row of a value of such extents, vectorized across rows.
Func rowSum(Emitter &emitter, llvm::ArrayRef<int> extents,
            llvm::function_ref<Expr(Expr, Exprs)> term) {
  const std::vector<Expr> row = rowIndex(extents.size());
  const llvm::ArrayRef<int> rows = extents.drop_front();
  const RDom column(0, extents[0]);
  const Expr first = term(reduced(column), row);
  Func sum;
  sum(row) = cast(first.type(), 0);
  sum(row) += first;
  emitter.store(sum, rows, column);
  return sum;
}

RowExponentials rowExponentials(Emitter &emitter, Value x) {
  std::vector<Func> &shared = emitter.shared[{x, 0}];
  if (shared.empty()) {
    emitter.keepInMemory(x);
    const llvm::SmallVector<int> extents = extentsOf(x);
    const std::vector<Expr> row = rowIndex(extents.size());
    const RDom column(0, extents[0]);
    Func largest, exponential;
    largest(row) = Float(32).min();
    largest(row) = max(largest(row), emitter.at(x, prepend(reduced(column), row)));
    emitter.store(largest, llvm::ArrayRef<int>(extents).drop_front(), column);
    const std::vector<Expr> element = prepend(indexVar(0), row);
    exponential(element) = exp(emitter.at(x, element) - largest(row));
    emitter.storeCheap(exponential);
    Func sum = rowSum(emitter, extents,
                      [&](Expr j, Exprs row) { return exponential(prepend(std::move(j), row)); });
    shared = {exponential, sum, largest};
  }
  return {shared[0], shared[1], shared[2]};
}

} // namespace

void emitSoftmax(Operation *op, Emitter &emitter) {
  const RowExponentials rows = rowExponentials(emitter, op->getOperand(0));
  emitter.define(op->getResult(0), [&](Exprs i) {
    return rows.exponential(std::vector<Expr>(i.begin(), i.end())) /
           rows.sum(std::vector<Expr>(i.begin() + 1, i.end()));
  });
}

void emitSoftmaxGrad(Operation *op, Emitter &emitter) {
  const Value y = op->getOperand(0), dy = op->getOperand(1);
  emitter.keepInMemory(y);
  emitter.keepInMemory(dy);
  const llvm::SmallVector<int> extents = extentsOf(y);
  Func sum = rowSum(emitter, extents, [&](Expr j, Exprs row) {
    const std::vector<Expr> element = prepend(std::move(j), row);
    return emitter.at(dy, element) * emitter.at(y, element);
  });
  emitter.define(op->getResult(0), [&](Exprs i) {
    return emitter.at(y, i) * (emitter.at(dy, i) - sum(std::vector<Expr>(i.begin() + 1, i.end())));
  });
}

void emitLogSoftmax(Operation *op, Emitter &emitter) {
  const Value x = op->getOperand(0);
  const RowExponentials rows = rowExponentials(emitter, x);
  emitter.define(op->getResult(0), [&](Exprs i) {
    const std::vector<Expr> row(i.begin() + 1, i.end());
    // Strict, or the two are subtracted in one, where the maximum swallows the logarithm.
    return strict_float(emitter.at(x, i) - rows.largest(row) - log(rows.sum(row)));
  });
}

void emitLogSoftmaxGrad(Operation *op, Emitter &emitter) {
  const Value y = op->getOperand(0), dy = op->getOperand(1);
  emitter.keepInMemory(dy);
  const llvm::SmallVector<int> extents = extentsOf(y);
  Func sum = rowSum(emitter, extents,
                    [&](Expr j, Exprs row) { return emitter.at(dy, prepend(std::move(j), row)); });
  emitter.define(op->getResult(0), [&](Exprs i) {
    return emitter.at(dy, i) -
           exp(emitter.at(y, i)) * sum(std::vector<Expr>(i.begin() + 1, i.end()));
  });
}

void emitCrossEntropy(Operation *op, Emitter &emitter) {
  auto loss = llvm::cast<CrossEntropyOp>(op);
  const Value x = loss.getLogits(), labels = loss.getLabels();
  const RowExponentials rows = rowExponentials(emitter, x);
  const llvm::SmallVector<int> extents = extentsOf(x);
  const int classes = extents[0], batch = extents[1];
  const Var b = indexVar(1);

  Func score; // the label's own; the labels' range is checked when they are read
  score(b) = emitter.at(x, {clamp(emitter.at(labels, Expr(b)), 0, classes - 1), b});
  emitter.storeCheap(score);
  // How many classes come before the label's: larger logits, and equal ones of smaller index.
  Func ahead = rowSum(emitter, extents, [&](const Expr &j, Exprs row) {
    const Expr own = emitter.at(x, {j, row[0]}), label = emitter.at(labels, row);
    return cast<int32_t>(own > score(row[0]) || (own == score(row[0]) && j < label));
  });
  const auto smoothing = static_cast<float>(loss.getLabelSmoothing().convertToDouble());
  Func rowLoss;
  if (smoothing == 0) {
    rowLoss(b) = rows.largest(b) + log(rows.sum(b)) - score(b);
  } else {
    Func below = rowSum(emitter, extents, [&](Expr j, Exprs row) {
      return emitter.at(x, {std::move(j), row[0]}) - rows.largest(row[0]);
    });
    rowLoss(b) = log(rows.sum(b)) - (1 - smoothing) * (score(b) - rows.largest(b)) -
                 smoothing / static_cast<float>(classes) * below(b);
  }
  emitter.storeCheap(rowLoss);

  const RDom row(0, batch);
  Func total, correct;
  total() = 0.0f;
  total() += rowLoss(row);
  emitter.store(total, {}, row);
  correct() = 0;
  correct() += cast<int32_t>(ahead(row) == 0);
  emitter.store(correct, {}, row);
  emitter.define(loss.getLoss(), [&](Exprs) { return total() / static_cast<float>(batch); });
  emitter.define(loss.getCorrect(), [&](Exprs) { return Expr(correct()); });
}

void emitCrossEntropyGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<CrossEntropyGradOp>(op);
  const Value labels = grad.getLabels();
  const RowExponentials rows = rowExponentials(emitter, grad.getLogits());
  const auto batch = static_cast<float>(extentsOf(grad.getLogits())[1]);
  const Expr scale = emitter.scalar(grad.getLossGrad()) / batch;
  Func perExponential; // one quotient a row instead of one an element
  perExponential(indexVar(1)) = scale / rows.sum(indexVar(1));
  emitter.storeCheap(perExponential);
  const auto smoothing = static_cast<float>(grad.getLabelSmoothing().convertToDouble());
  const float all = smoothing / static_cast<float>(extentsOf(grad.getLogits())[0]);
  emitter.define(grad.getResult(), [&](Exprs i) {
    const Expr hit =
        select(i[0] == emitter.at(labels, i[1]), scale * (1 - smoothing + all), scale * all);
    return rows.exponential(i[0], i[1]) * perExponential(i[1]) - hit;
  });
}

} // namespace weir::kernels
