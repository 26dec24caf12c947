// The training loop; see Trainer.h.
#include "runtime/Trainer.h"
#include "runtime/Error.h"
#include "runtime/Evaluate.h"
#include "runtime/Finite.h"
#include "runtime/Interrupt.h"
#include "runtime/ProgressBar.h"
#include "runtime/Schedule.h"

#include <cmath>
#include <cstring>
#include <utility>

namespace weir {

Trainer::Trainer(Net &net, const Dataset &training, const Dataset &test,
                 const std::string &checkpoint, Progress &progress, Block kept)
    : net(net), training(training), test(test), checkpoint(checkpoint), progress(progress),
      entry(*net.manifest.trainEntry()), normalizer(net.manifest),
      augmenter(net.manifest, progress.seed),
      sampler(training.count(), uint64_t(entry.batch), progress.seed),
      best(net, progress, std::move(kept)),
      watch(net.manifest, progress.learningRate, double(training.count()) / double(entry.batch)),
      snapshot(net.manifest.variablesBytes, "a copy of the net's variables") {}

double Trainer::learningRateAt(uint64_t step) const {
  ScheduleFacts facts{progress.learningRate, sampler.stepsIn(progress.epochs),
                      double(training.count()) / double(entry.batch)};
  return learningRateOf(net.manifest.recipe->schedule, facts, step);
}

// Copying 0.8 MB every 256 steps of 0.1 ms costs 0.2 % and lets a failure be replayed exactly.
void Trainer::keepSnapshot() {
  std::memcpy(snapshot.data(), std::as_const(net).block().data(), snapshot.size());
  snapshotStep = progress.step;
}

// The snapshot serves a second time: as the weights that those of now are compared with, twice
// early in a run and then once an epoch. A comparison reads two values a weight, as a step does.
void Trainer::watchWeights(uint64_t epoch) {
  const uint64_t steps = progress.step - snapshotStep;
  const bool due = watch.wantsComparison() || (steps >= 256 && epoch + 1 != watchedEpoch);
  if (due) {
    watch.compare(snapshot.data(), std::as_const(net).block().data(), steps);
    watchedEpoch = epoch + 1;
  }
  if (steps >= 256)
    keepSnapshot();
}

// On a device the results of steps come back later, in their order.
void Trainer::step(Batches *batches) {
  const uint64_t number = progress.step + inFlight++;
  const float rate = float(learningRateAt(number));
  if (batches) {
    const Batches::Batch inputs = batches->next();
    net.queueStep(entry, inputs.images, inputs.labels, rate, progress.seed, number, done);
  } else {
    sampler.images(number, index);
    net.queueStepOf(entry, index.data(), rate, progress.seed, number, done);
  }
  // Looking at the weights wants all steps so far done and no other begun.
  if (watch.wantsComparisonAfter(inFlight) || number + 1 - snapshotStep >= 256)
    net.finishSteps(done);
  accountAll();
}

void Trainer::accountAll() {
  for (const StepResult &result : done)
    account(result);
  done.clear();
}

void Trainer::account(const StepResult &result) {
  const double rate = learningRateAt(progress.step);
  --inFlight;
  if (!std::isfinite(result.loss))
    explainLoss(result.loss);
  progress.lossSum += double(result.loss) * double(entry.batch);
  progress.correct += uint64_t(result.correct);
  ++progress.step;
  ++progress.epochSteps;
  best.netMoved();
  watch.sawStep(result.loss, progress.learningRate > 0 ? rate / progress.learningRate : 1);
}

TrainingResult Trainer::run(const Listener &listener) {
  TrainingResult result;
  const uint64_t batch = uint64_t(entry.batch), total = sampler.stepsIn(progress.epochs);
  result.dataOnDevice = !augmenter.isOn() && net.keepData(training, normalizer);
  index.resize(batch);
  std::optional<Batches> batches;
  if (!result.dataOnDevice)
    batches.emplace(ImageSource{training, normalizer, augmenter}, sampler, batch, progress.step,
                    total, net.pool());
  ProgressBar bar(progress.step, total, progress.epochs);
  keepSnapshot();

  uint64_t epoch = 0; // the first epoch that has steps left
  while (sampler.stepsIn(epoch + 1) <= progress.step && epoch < progress.epochs)
    ++epoch;
  result.stoppedEarly = progress.epochSteps == 0 && best.patienceEndedAt(epoch);
  for (; epoch < progress.epochs && !result.stoppedEarly && !result.interrupted; ++epoch) {
    const int64_t began = weir_now_ns();
    const uint64_t end = sampler.stepsIn(epoch + 1), steps = end - sampler.stepsIn(epoch);
    while (progress.step + inFlight < end && !interruptSignal()) {
      step(batches ? &*batches : nullptr);
      if (inFlight == 0)
        watchWeights(epoch);
      while (result.warnings.size() < watch.warnings().size()) {
        bar.clear();
        result.warnings.push_back(watch.warnings()[result.warnings.size()]);
        listener.warning(result.warnings.back());
      }
      if (bar.isDue()) {
        double seen = double(progress.epochSteps * batch);
        bar.draw({progress.step, epoch + 1, progress.epochSteps, steps, progress.lossSum / seen,
                  double(progress.correct) / seen});
      }
    }
    bar.clear();
    net.finishSteps(done);
    accountAll();
    if (progress.step < end) {
      checkWeights();
      saveCheckpoint(checkpoint, net, progress, best.kept());
      result.interrupted = true;
      result.kept.reset();
      break;
    }
    EpochReport report = endEpoch(epoch + 1, result);
    report.seconds = double(weir_now_ns() - began) * 1e-9;
    result.epochs.push_back(report);
    listener.epoch(report);
    result.stoppedEarly = best.patienceEndedAt(epoch + 1);
    result.interrupted = interruptSignal() && epoch + 1 < progress.epochs && !result.stoppedEarly;
  }
  if (progress.keepBest) {
    best.restore();
    result.kept = best.evaluation();
  }
  return result;
}

// Validates, and saves; the seconds are the caller's.
EpochReport Trainer::endEpoch(uint64_t epoch, TrainingResult &result) {
  checkWeights();
  const Evaluation validation = evaluate(net, test, normalizer);
  best.offer(epoch, validation);
  EpochReport report;
  report.epoch = epoch;
  report.steps = progress.epochSteps;
  const double seen = double(progress.epochSteps) * double(entry.batch);
  report.trainLoss = progress.lossSum / seen;
  report.trainAccuracy = double(progress.correct) / seen;
  report.validationLoss = validation.loss;
  report.validationAccuracy = validation.accuracy;
  report.learningRate = learningRateAt(progress.step - 1);
  progress.lossSum = 0;
  progress.correct = progress.epochSteps = 0;
  saveCheckpoint(checkpoint, net, progress, best.kept());
  saved = true;
  result.kept = validation;
  return report;
}

std::string Trainer::endOfCheckpoint() const {
  return saved ? format("'%s' keeps the last good epoch", checkpoint.c_str())
               : format("'%s' was not written", checkpoint.c_str());
}

// A weight can overflow in a step whose loss was still finite: such weights are never saved.
void Trainer::checkWeights() {
  if (std::optional<NonFinite> found = firstNonFinite(net))
    fail("training stopped: after step %llu %s; lower the learning rate (%g); %s [E204]",
         (unsigned long long)progress.step, found->text.c_str(), learningRateAt(progress.step - 1),
         endOfCheckpoint().c_str());
}

// The step that showed it has already spoilt every weight. So the steps since the last snapshot run
// once more, which gives the same numbers, until a weight stops being finite; if none does, the
// forward pass itself overflowed.
void Trainer::explainLoss(float loss) {
  std::vector<StepResult> later;
  net.finishSteps(later);
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
       "(%g); %s [E204]",
       (unsigned long long)progress.step + 1,
       (unsigned long long)sampler.epochOf(progress.step) + 1,
       double(std::isnan(loss) ? std::abs(loss) : loss), cause.c_str(),
       learningRateAt(progress.step), endOfCheckpoint().c_str());
}

} // namespace weir
