//===- EmitNormalization.cpp - batch_norm: statistics, normalisation, gradients --------------===//
//
// What depends on the channel alone is computed once for each channel, ahead of the loop over all
// values. Sums are taken of differences: the sum of squares less the square of the sum would lose
// all digits where the mean is large.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Emit.h"

using namespace Halide;
using mlir::Operation;
using mlir::Value;

namespace weir::kernels {
namespace {

/// Number of values of each channel.
float countOf(Value x) {
  const llvm::SmallVector<int> extents = extentsOf(x);
  float count = 1;
  for (size_t dimension = 1; dimension < extents.size(); ++dimension)
    count *= static_cast<float>(extents[dimension]);
  return count;
}

/// A channel's two sums.
using SumsOf = std::function<std::pair<Expr, Expr>(const Expr &channel)>;
/// The two terms of a value at its index.
using TermsOf = std::function<std::pair<Expr, Expr>(const Expr &value, Exprs index)>;

/// Two sums over all positions, channel by channel, in a walk of their own, which counts as the
/// reduction of `result`.
SumsOf sumsInOneWalk(Emitter &emitter, Value result, Value x, const TermsOf &terms) {
  const llvm::SmallVector<int> extents = extentsOf(x);
  Region positions;
  for (size_t dimension = 1; dimension < extents.size(); ++dimension)
    positions.emplace_back(0, extents[dimension]);
  const Var channel = indexVar(0);
  Reduction reduction;
  reduction.value = result;
  reduction.schedule = choosePlainSchedule(emitter.target);
  reduction.domain = RDom(positions);
  std::vector<Expr> index{channel};
  for (size_t dimension = 1; dimension < extents.size(); ++dimension)
    index.push_back(reduction.domain[static_cast<int>(dimension) - 1]);
  Func sums = reduction.partial;
  const auto [first, second] = terms(emitter.at(x, index), index);
  sums(channel) = Tuple(Expr(0.0f), Expr(0.0f));
  sums(channel) = Tuple(sums(channel)[0] + first, sums(channel)[1] + second);
  emitter.reductions.push_back(std::move(reduction));
  return [sums](const Expr &channel) {
    return std::pair<Expr, Expr>(sums(channel)[0], sums(channel)[1]);
  };
}

/// The same, taken where the group's own loops store x.
SumsOf sumsWhereStored(Emitter &emitter, Operation *op, Value x, const TermsOf &terms) {
  const ColumnSums sums{
      static_cast<int>(emitter.summed.size()),
      static_cast<int>(llvm::alignTo(extentsOf(x)[0], emitter.target.vectorWidth)), 2};
  emitter.summed.push_back({x, op, sums, [terms](const Expr &value, Exprs index) {
                              const auto [first, second] = terms(value, index);
                              return std::vector<Expr>{first, second};
                            }});
  return [sums](const Expr &channel) {
    return std::pair(sumOf(sums, 0, channel), sumOf(sums, 1, channel));
  };
}

/// 1 / sqrt(variance + epsilon) of a channel.
Expr inverseDeviation(const Emitter &emitter, Value variance, const llvm::APFloat &epsilon,
                      const Expr &channel) {
  return 1.0f / sqrt(emitter.at(variance, channel) + static_cast<float>(epsilon.convertToDouble()));
}

/// Numbers of each channel, computed ahead of the loop over all values.
Func ofChannels(Emitter &emitter, const std::vector<Expr> &values) {
  Func func;
  func(indexVar(0)) = Tuple(values);
  emitter.storeCheap(func);
  return func;
}

} // namespace

void emitBatchNorm(Operation *op, Emitter &emitter) {
  auto norm = llvm::cast<BatchNormOp>(op);
  const Var channel = indexVar(0);
  for (const Value value : norm.getOperands().drop_front())
    emitter.keepInMemory(value);
  const Expr factor = emitter.at(norm.getScale(), Expr(channel)) *
                      inverseDeviation(emitter, norm.getVariance(), norm.getEpsilon(), channel);
  const Func ahead = ofChannels(emitter, {factor, emitter.at(norm.getMean(), Expr(channel)),
                                          emitter.at(norm.getOffset(), Expr(channel))});
  emitter.define(norm.getResult(), [&](Exprs i) {
    return (emitter.at(norm.getX(), i) - ahead(i[0])[1]) * ahead(i[0])[0] + ahead(i[0])[2];
  });
}

void emitBatchStats(Operation *op, Emitter &emitter) {
  auto stats = llvm::cast<BatchStatsOp>(op);
  const Value x = stats.getX();
  const float count = countOf(x);
  // Differences to the channel's first value: one walk, and no digits lost as long as that value
  // is of the others' kind.
  const Func ahead = canSumWhereStored(x, emitter) ? firstRow(x, emitter) : Func();
  if (!ahead.defined())
    emitter.keepInMemory(x);
  const auto first = [&emitter, ahead, x](const Expr &channel) {
    if (ahead.defined())
      return Expr(ahead(channel));
    std::vector<Expr> index(extentsOf(x).size(), 0);
    index[0] = channel;
    return emitter.at(x, index);
  };
  const auto terms = [first](const Expr &value, Exprs index) {
    const Expr difference = value - first(index[0]);
    return std::pair(difference, difference * difference);
  };
  const SumsOf sums = ahead.defined() ? sumsWhereStored(emitter, op, x, terms)
                                      : sumsInOneWalk(emitter, stats.getMean(), x, terms);
  const auto meanDifference = [&](const Expr &channel) {
    return sums(channel).first * (1.0f / count);
  };
  emitter.define(stats.getMean(), [&](Exprs i) { return first(i[0]) + meanDifference(i[0]); });
  emitter.define(stats.getVariance(), [&](Exprs i) {
    return max(sums(i[0]).second * (1.0f / count) - meanDifference(i[0]) * meanDifference(i[0]),
               0.0f);
  });
}

void emitRunningAverage(Operation *op, Emitter &emitter) {
  auto average = llvm::cast<RunningAverageOp>(op);
  const double momentum = average.getMomentum().convertToDouble();
  const auto keep = static_cast<float>(1 - momentum),
             take = static_cast<float>(momentum * average.getCorrection().convertToDouble());
  emitter.define(average.getResult(), [&](Exprs i) {
    return keep * emitter.at(average.getOld(), i) + take * emitter.at(average.getBatch(), i);
  });
}

void emitBatchNormSums(Operation *op, Emitter &emitter) {
  auto sums = llvm::cast<BatchNormSumsOp>(op);
  const Value dy = sums.getDy(), x = sums.getX();
  for (const Value value : sums.getOperands())
    emitter.keepInMemory(value);
  const auto terms = [&emitter, x, mean = sums.getMean()](const Expr &gradient, Exprs index) {
    return std::pair(gradient * (emitter.at(x, index) - emitter.at(mean, index[0])), gradient);
  };
  const SumsOf both = sumsInOneWalk(emitter, sums.getScaleGrad(), dy, terms);
  emitter.define(sums.getScaleGrad(), [&](Exprs i) {
    return both(i[0]).first *
           inverseDeviation(emitter, sums.getVariance(), sums.getEpsilon(), i[0]);
  });
  emitter.define(sums.getOffsetGrad(), [&](Exprs i) { return both(i[0]).second; });
}

void emitBatchNormInputGrad(Operation *op, Emitter &emitter) {
  auto grad = llvm::cast<BatchNormInputGradOp>(op);
  for (const Value value : grad.getOperands().drop_front(2))
    emitter.keepInMemory(value);
  const Var channel = indexVar(0);
  const auto read = [&](Value value) { return emitter.at(value, Expr(channel)); };
  const Expr inverse = inverseDeviation(emitter, grad.getVariance(), grad.getEpsilon(), channel);
  const float perValue = 1.0f / countOf(grad.getX());
  // dx = factor * (dy - shift - (x - mean) * slope)
  const Func ahead =
      ofChannels(emitter, {read(grad.getScale()) * inverse, read(grad.getOffsetGrad()) * perValue,
                           read(grad.getMean()), inverse * read(grad.getScaleGrad()) * perValue});
  emitter.define(grad.getResult(), [&](Exprs i) {
    const auto number = [&](int which) { return ahead(i[0])[which]; };
    return number(0) * (emitter.at(grad.getDy(), i) - number(1) -
                        (emitter.at(grad.getX(), i) - number(2)) * number(3));
  });
}

} // namespace weir::kernels
