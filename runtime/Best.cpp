// Which epoch is the best; see Best.h.
#include "runtime/Best.h"

#include <cstring>
#include <utility>

namespace weir {

Best::Best(Net &net, Progress &progress, Block kept)
    : net(net), progress(progress), weights(std::move(kept)) {
  if (progress.keepBest && progress.best.epoch > 0 && weights.size() == 0)
    hold();
}

void Best::hold() {
  if (weights.size() == 0)
    weights = Block(net.manifest.variablesBytes, "a copy of the best weights");
  std::memcpy(weights.data(), std::as_const(net).block().data(), weights.size());
  netIsBest = true;
}

void Best::offer(uint64_t epoch, const Evaluation &evaluation) {
  BestEpoch &best = progress.best;
  const bool better = best.epoch == 0 || evaluation.accuracy > best.accuracy ||
                      (evaluation.accuracy == best.accuracy && evaluation.loss < best.loss);
  if (!better)
    return;
  best = {epoch, evaluation.accuracy, evaluation.loss};
  seen = evaluation;
  if (progress.keepBest)
    hold();
}

bool Best::patienceEndedAt(uint64_t epoch) const {
  return progress.patience > 0 && progress.best.epoch > 0 &&
         epoch >= progress.best.epoch + progress.patience;
}

const uint8_t *Best::kept() const {
  return progress.keepBest && !netIsBest && weights.size() > 0 ? weights.data() : nullptr;
}

void Best::restore() {
  if (const uint8_t *values = kept())
    std::memcpy(net.block().data(), values, weights.size());
  netIsBest = true;
}

} // namespace weir
