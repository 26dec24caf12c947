// The training loop; see Trainer.h.
#include "runtime/Trainer.h"
#include "runtime/Batches.h"
#include "runtime/Error.h"
#include "runtime/Evaluate.h"
#include "runtime/Finite.h"
#include "runtime/ProgressBar.h"
#include "runtime/Schedule.h"

#include <cmath>
#include <csignal>
#include <cstring>

namespace weir {

static volatile std::sig_atomic_t interruptSeen = 0;

bool wasInterrupted() { return interruptSeen != 0; }

void catchInterrupts() {
  struct sigaction action{};
  action.sa_handler = [](int) { interruptSeen = 1; };
  action.sa_flags = int(SA_RESETHAND) | SA_RESTART; // a second signal ends the process at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

Trainer::Trainer(Net &net, const Dataset &training, const Dataset &test,
                 const std::string &checkpoint, Progress &progress)
    : net(net), training(training), test(test), checkpoint(checkpoint), progress(progress),
      entry(*net.manifest.trainEntry()), normalizer(net.manifest),
      augmenter(net.manifest, progress.seed),
      sampler(training.count(), uint64_t(entry.batch), progress.seed),
      snapshot(net.block().size(), "a copy of the net's variables") {}

double Trainer::learningRateAt(uint64_t step) const {
  ScheduleFacts facts{progress.learningRate, sampler.stepsIn(progress.epochs),
                      double(training.count()) / double(entry.batch)};
  return learningRateOf(net.manifest.recipe->schedule, facts, step);
}

// Copying 0.8 MB every 256 steps of 0.1 ms costs 0.2 % and lets a failure be replayed exactly.
void Trainer::keepSnapshot() {
  std::memcpy(snapshot.data(), net.block().data(), snapshot.size());
  snapshotStep = progress.step;
}

TrainingResult Trainer::run(const std::function<void(const EpochReport &)> &report) {
  TrainingResult result;
  const uint64_t batch = uint64_t(entry.batch), total = sampler.stepsIn(progress.epochs);
  Batches batches({training, normalizer, augmenter}, sampler, batch, progress.step, total,
                  net.pool());
  ProgressBar bar(progress.step, total, progress.epochs);
  keepSnapshot();

  uint64_t epoch = 0; // the first epoch that has steps left
  while (sampler.stepsIn(epoch + 1) <= progress.step && epoch < progress.epochs)
    ++epoch;
  for (; epoch < progress.epochs; ++epoch) {
    const int64_t began = weir_now_ns();
    const uint64_t end = sampler.stepsIn(epoch + 1), steps = end - sampler.stepsIn(epoch);
    while (progress.step < end) {
      if (progress.step - snapshotStep >= 256)
        keepSnapshot();
      Batches::Batch inputs = batches.next();
      Net::StepResult step =
          net.trainStep(entry, inputs.images, inputs.labels, float(learningRateAt(progress.step)),
                        progress.seed, progress.step);
      if (!std::isfinite(step.loss))
        explainLoss(step.loss);
      progress.lossSum += double(step.loss) * double(batch);
      progress.correct += uint64_t(step.correct);
      ++progress.step;
      ++progress.epochSteps;
      if (bar.isDue()) {
        double seen = double(progress.epochSteps * batch);
        bar.draw({progress.step, epoch + 1, progress.epochSteps, steps, progress.lossSum / seen,
                  double(progress.correct) / seen});
      }
      if (wasInterrupted() && progress.step < end)
        break;
    }
    if (progress.step < end) {
      bar.clear();
      checkWeights();
      saveCheckpoint(checkpoint, net, progress);
      result.interrupted = true;
      return result;
    }

    checkWeights();
    Evaluation validation = evaluate(net, test, normalizer);
    EpochReport epochReport;
    epochReport.epoch = epoch + 1;
    epochReport.steps = progress.epochSteps;
    const double seen = double(progress.epochSteps * batch);
    epochReport.trainLoss = progress.lossSum / seen;
    epochReport.trainAccuracy = double(progress.correct) / seen;
    epochReport.validationLoss = validation.loss;
    epochReport.validationAccuracy = validation.accuracy;
    epochReport.learningRate = learningRateAt(progress.step - 1);
    progress.lossSum = 0;
    progress.correct = progress.epochSteps = 0;
    saveCheckpoint(checkpoint, net, progress);
    saved = true;
    epochReport.seconds = double(weir_now_ns() - began) * 1e-9;
    bar.clear();
    report(epochReport);
    result.epochs.push_back(epochReport);
    if (wasInterrupted() && epoch + 1 < progress.epochs) {
      result.interrupted = true;
      return result;
    }
  }
  return result;
}

std::string Trainer::endOfCheckpoint() const {
  return saved ? format("'%s' keeps the last good epoch", checkpoint.c_str())
               : format("'%s' was not written", checkpoint.c_str());
}

// A weight can overflow in a step whose loss was still finite: such weights are never saved.
void Trainer::checkWeights() {
  if (std::optional<NonFinite> found = firstNonFinite(net))
    fail("training stopped: after step %llu %s; lower the learning rate (%g); %s",
         (unsigned long long)progress.step, found->text.c_str(), learningRateAt(progress.step - 1),
         endOfCheckpoint().c_str());
}

// The step that showed it has already spoilt every weight. So the steps since the last snapshot run
// once more, which gives the same numbers, until a weight stops being finite; if none does, the
// forward pass itself overflowed.
void Trainer::explainLoss(float loss) {
  std::memcpy(net.block().data(), snapshot.data(), snapshot.size());
  Sampler again(training.count(), uint64_t(entry.batch), progress.seed);
  Batches batches({training, normalizer, augmenter}, again, uint64_t(entry.batch), snapshotStep,
                  progress.step + 1, net.pool());
  std::string cause;
  for (uint64_t step = snapshotStep; step < progress.step && cause.empty(); ++step) {
    Batches::Batch inputs = batches.next();
    net.trainStep(entry, inputs.images, inputs.labels, float(learningRateAt(step)), progress.seed,
                  step);
    if (std::optional<NonFinite> found = firstNonFinite(net))
      cause = format("after step %llu %s", (unsigned long long)step + 1, found->text.c_str());
  }
  if (cause.empty())
    cause = "all weights were finite before it, so its forward pass overflowed first: " +
            largestWeight(net);
  fail("training stopped: the loss of step %llu (epoch %llu) is %f; %s; lower the learning rate "
       "(%g); %s",
       (unsigned long long)progress.step + 1,
       (unsigned long long)sampler.epochOf(progress.step) + 1,
       double(std::isnan(loss) ? std::abs(loss) : loss), cause.c_str(),
       learningRateAt(progress.step), endOfCheckpoint().c_str());
}

} // namespace weir
