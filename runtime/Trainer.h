// The training loop.
//
// Before: TrainCommand.cpp has loaded data and a net, new or from a checkpoint. Each step is one
// call of the compiled train_step; after each epoch the net is validated and the checkpoint
// replaced. docs/training.md gives the semantics.
#ifndef WEIR_RUNTIME_TRAINER_H
#define WEIR_RUNTIME_TRAINER_H

#include "runtime/Augment.h"
#include "runtime/Checkpoint.h"
#include "runtime/Dataset.h"
#include "runtime/Net.h"
#include "runtime/Sampler.h"

#include <functional>
#include <string>
#include <vector>

namespace weir {

struct EpochReport {
  uint64_t epoch = 0; // from 1
  uint64_t steps = 0;
  double trainLoss = 0,
         trainAccuracy = 0; // means over the epoch's steps, with dropout, weights as they moved
  double validationLoss = 0, validationAccuracy = 0;
  double learningRate = 0; // of the last step
  double seconds = 0;      // steps, validation and saving
};

struct TrainingResult {
  std::vector<EpochReport> epochs;
  bool interrupted = false; // by SIGINT or SIGTERM; the checkpoint is saved
};

class Trainer {
public:
  /// `progress` says where to begin and is kept up to date. The references must outlive the
  /// trainer.
  Trainer(Net &net, const Dataset &training, const Dataset &test, const std::string &checkpoint,
          Progress &progress);

  /// Trains to the end of progress.epochs and calls `report` after each epoch. Throws UserError if
  /// the loss or a weight stops being finite, naming step and layer; the checkpoint is then the
  /// last good one.
  TrainingResult run(const std::function<void(const EpochReport &)> &report);

private:
  void keepSnapshot();
  [[noreturn]] void explainLoss(float loss);
  void checkWeights();
  std::string endOfCheckpoint() const;
  double learningRateAt(uint64_t step) const;

  Net &net;
  const Dataset &training, &test;
  const std::string &checkpoint;
  Progress &progress;
  const Entry &entry;
  Normalizer normalizer;
  Augmenter augmenter;
  Sampler sampler;
  bool saved = false;
  Block snapshot; // the variables at snapshotStep, to replay from when the loss stops being finite
  uint64_t snapshotStep = 0;
};

/// True after SIGINT or SIGTERM, once catchInterrupts() was called; a second signal ends the
/// process.
bool wasInterrupted();
void catchInterrupts();

} // namespace weir

#endif
