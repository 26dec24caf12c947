// The training loop.
//
// Before: TrainCommand.cpp has loaded data and a net, new or from a checkpoint. Each step is one
// call of the compiled train_step; after each epoch the net is validated and the checkpoint
// replaced. docs/training.md gives the semantics.
#ifndef WEIR_RUNTIME_TRAINER_H
#define WEIR_RUNTIME_TRAINER_H

#include "runtime/Augment.h"
#include "runtime/Batches.h"
#include "runtime/Best.h"
#include "runtime/Dataset.h"
#include "runtime/Sampler.h"
#include "runtime/Watch.h"

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
  std::vector<Warning> warnings;
  bool interrupted = false;  // by a signal; the checkpoint is saved
  bool dataOnDevice = false; // the training images; else batches go there one by one
  bool stoppedEarly = false; // no better epoch for as long as the recipe's patience
  /// Of the weights that the checkpoint presents. Empty if no epoch of this run validated them.
  std::optional<Evaluation> kept;
};

class Trainer {
public:
  /// `progress` says where to begin and is kept up to date; `kept` comes with it from
  /// loadCheckpoint(). The references must outlive the trainer.
  Trainer(Net &net, const Dataset &training, const Dataset &test, const std::string &checkpoint,
          Progress &progress, Block kept = {});

  /// What is told as it happens.
  struct Listener {
    std::function<void(const EpochReport &)> epoch;
    std::function<void(const Warning &)> warning;
  };

  /// Trains to the end of progress.epochs, or of the patience; the net then has the weights that
  /// the checkpoint presents. Throws UserError if the loss or a weight stops being finite, naming
  /// step and layer; the checkpoint is then the last good one.
  TrainingResult run(const Listener &listener);

private:
  void keepSnapshot();
  void watchWeights(uint64_t epoch);
  void step(Batches *batches);
  void account(const StepResult &result);
  void accountAll();
  EpochReport endEpoch(uint64_t epoch, TrainingResult &result);
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
  Best best;
  Watch watch;
  // Steps that are queued on a device, and results that have come back; on the CPU there are none
  // between steps.
  std::vector<uint32_t> index; // of a batch's images, for a device that keeps the data
  uint64_t inFlight = 0;
  std::vector<StepResult> done;
  uint64_t watchedEpoch = 0; // the epoch whose weights were compared last
  bool saved = false;
  Block snapshot; // the variables at snapshotStep, to replay from when the loss stops being finite
  uint64_t snapshotStep = 0;
};

} // namespace weir

#endif
