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

/// Two sums over all positions, channel by channel, in one walk: a Func of the channel whose tuple
/// holds the sums of what `terms` gives for an index of x. It counts as the reduction of `value`.
Func sumsOverPositions(Emitter &emitter, Value value, Value x,
                       llvm::function_ref<std::pair<Expr, Expr>(const std::vector<Expr> &)> terms) {
  const llvm::SmallVector<int> extents = extentsOf(x);
  Region positions;
  for (size_t dimension = 1; dimension < extents.size(); ++dimension)
    positions.emplace_back(0, extents[dimension]);
  const Var channel = indexVar(0);
  Reduction reduction;
  reduction.value = value;
  reduction.schedule = choosePlainSchedule(emitter.target);
  reduction.domain = RDom(positions);
  std::vector<Expr> index{channel};
  for (size_t dimension = 1; dimension < extents.size(); ++dimension)
    index.push_back(reduction.domain[static_cast<int>(dimension) - 1]);
  Func sums = reduction.partial;
  const auto [first, second] = terms(index);
  sums(channel) = Tuple(Expr(0.0f), Expr(0.0f));
  sums(channel) = Tuple(sums(channel)[0] + first, sums(channel)[1] + second);
  emitter.reductions.push_back(std::move(reduction));
  return sums;
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
  emitter.keepInMemory(x);
  const float count = countOf(x);
  // Differences to the channel's first value: one walk, and no digits lost as long as that value
  // is of the others' kind.
  const auto first = [&](const Expr &channel) {
    std::vector<Expr> index(extentsOf(x).size(), 0);
    index[0] = channel;
    return emitter.at(x, index);
  };
  const Func sums = sumsOverPositions(emitter, stats.getMean(), x, [&](const std::vector<Expr> &i) {
    const Expr difference = emitter.at(x, i) - first(i[0]);
    return std::pair(difference, difference * difference);
  });
  const auto meanDifference = [&](const Expr &channel) {
    return sums(channel)[0] * (1.0f / count);
  };
  emitter.define(stats.getMean(), [&](Exprs i) { return first(i[0]) + meanDifference(i[0]); });
  emitter.define(stats.getVariance(), [&](Exprs i) {
    return max(sums(i[0])[1] * (1.0f / count) - meanDifference(i[0]) * meanDifference(i[0]), 0.0f);
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
  const Func both =
      sumsOverPositions(emitter, sums.getScaleGrad(), x, [&](const std::vector<Expr> &i) {
        const Expr gradient = emitter.at(dy, i);
        return std::pair(gradient * (emitter.at(x, i) - emitter.at(sums.getMean(), i[0])),
                         gradient);
      });
  emitter.define(sums.getScaleGrad(), [&](Exprs i) {
    return both(i[0])[0] * inverseDeviation(emitter, sums.getVariance(), sums.getEpsilon(), i[0]);
  });
  emitter.define(sums.getOffsetGrad(), [&](Exprs i) { return both(i[0])[1]; });
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
