//===- EmitNormalization.cpp - batch_norm: statistics, normalisation, gradients --------------===//
//
// What depends on the channel alone is computed once for each channel, ahead of the loop over all
// values. Differences to the mean are taken value by value: the sum of squares less the square of
// the sum would lose all digits where the mean is large.
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

/// `value`[channel] = sum of term(index of x) over all positions; returns the sum.
Func sumOverPositions(Emitter &emitter, Value value, Value x,
                      llvm::function_ref<Expr(const std::vector<Expr> &)> term) {
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
  reduction.partial(channel) = 0.0f;
  reduction.partial(channel) += term(index);
  const Func sum = reduction.partial;
  emitter.reductions.push_back(std::move(reduction));
  return sum;
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
  emitter.store(func);
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
  const Func sum = sumOverPositions(emitter, stats.getMean(), x,
                                    [&](const std::vector<Expr> &i) { return emitter.at(x, i); });
  const auto mean = [&](const Expr &channel) { return sum(channel) * (1.0f / count); };
  const Func squares =
      sumOverPositions(emitter, stats.getVariance(), x, [&](const std::vector<Expr> &i) {
        const Expr difference = emitter.at(x, i) - mean(i[0]);
        return difference * difference;
      });
  emitter.define(stats.getMean(), [&](Exprs i) { return mean(i[0]); });
  emitter.define(stats.getVariance(), [&](Exprs i) { return squares(i[0]) * (1.0f / count); });
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
  const Func products =
      sumOverPositions(emitter, sums.getScaleGrad(), x, [&](const std::vector<Expr> &i) {
        return emitter.at(dy, i) * (emitter.at(x, i) - emitter.at(sums.getMean(), i[0]));
      });
  const Func plain =
      sumOverPositions(emitter, sums.getOffsetGrad(), x,
                       [&](const std::vector<Expr> &i) { return emitter.at(dy, i); });
  emitter.define(sums.getScaleGrad(), [&](Exprs i) {
    return products(i[0]) * inverseDeviation(emitter, sums.getVariance(), sums.getEpsilon(), i[0]);
  });
  emitter.define(sums.getOffsetGrad(), [&](Exprs i) { return plain(i[0]); });
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
