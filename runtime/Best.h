// The best epoch of a run: its weights, and when to stop waiting for a better one.
//
// Before: Trainer.cpp validates after each epoch and offers the result. After: Checkpoint.cpp saves
// the best weights beside the last ones, so that a run can both be used and be resumed.
#ifndef WEIR_RUNTIME_BEST_H
#define WEIR_RUNTIME_BEST_H

#include "runtime/Checkpoint.h"
#include "runtime/Evaluate.h"

#include <optional>

namespace weir {

class Best {
public:
  /// Of a run that stands at `progress`; copies of weights are held only if progress.keepBest.
  /// `kept` is what loadCheckpoint() read; if it is empty and there is a best epoch, the net has
  /// its weights.
  Best(Net &net, Progress &progress, Block kept = {});

  /// Says how epoch `epoch` (from 1) validated. If it is the best so far (a higher accuracy, or the
  /// same with a lower loss), progress.best and the held weights become its.
  void offer(uint64_t epoch, const Evaluation &evaluation);

  /// True if `epoch` epochs are done and the last progress.patience of them were no better than one
  /// before.
  bool patienceEndedAt(uint64_t epoch) const;

  /// Another step was taken: the net no longer has the best epoch's weights.
  void netMoved() { netIsBest = false; }

  /// The variables that a checkpoint is to present: the best epoch's, or nullptr for the net's own.
  const uint8_t *kept() const;

  /// Puts the best weights into the net, at the end of a run that keeps them.
  void restore();

  /// The evaluation of the best epoch, if this run has seen it.
  const std::optional<Evaluation> &evaluation() const { return seen; }

private:
  void hold();

  Net &net;
  Progress &progress;
  Block weights; // a copy of all variables
  bool netIsBest = false;
  std::optional<Evaluation> seen;
};

} // namespace weir

#endif
