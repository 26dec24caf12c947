// Watches a run for signs that it will not learn.
//
// Before: Trainer.cpp shows every loss, and at a few steps the variables before and after. After:
// warnings, each at most once. What counts as a sign is chosen so that healthy recipes stay silent;
// docs/learning.md lists the numbers. All of it costs less than a thousandth of an epoch.
#ifndef WEIR_RUNTIME_WATCH_H
#define WEIR_RUNTIME_WATCH_H

#include "runtime/Movement.h"
#include "runtime/Warning.h"

#include <string>
#include <vector>

namespace weir {

class Watch {
public:
  /// Of a run with `learningRate` before the schedule.
  Watch(const Manifest &manifest, double learningRate, double stepsPerEpoch);

  /// Every step: its loss, and the part of the learning rate that the schedule gave it.
  void sawStep(float loss, double rateShare) {
    ++seen;
    average += (double(loss) - average) * (seen < 100 ? 1.0 / double(seen) : 0.01);
    shareSum += rateShare;
    fullSteps += rateShare >= leastShare;
    if (seen % 32 == 0)
      judgeLoss();
  }

  /// True after the 50th and 200th step that were seen: compare() with the variables before the
  /// first.
  bool wantsComparison() const { return wantsComparisonAfter(0); }
  /// The same once `more` steps will have been seen.
  bool wantsComparisonAfter(uint64_t more) const { return seen + more == 50 || seen + more == 200; }

  /// The variables `steps` steps ago and now.
  void compare(const uint8_t *before, const uint8_t *after, uint64_t steps);

  /// All warnings so far, in the order in which they came.
  const std::vector<Warning> &warnings() const { return found; }

  /// The causes of a loss that does not fall, the likeliest first by what was seen of the weights.
  std::vector<std::string> causesOfNoLearning() const;

private:
  static constexpr double leastShare = 0.1; // a rate below that says nothing about the recipe's
  void judgeLoss();
  void judgeMovement(const std::vector<LayerMovement> &layers, double rateShare);
  void judgeStill(const std::vector<LayerMovement> &layers, uint64_t steps);
  bool warned(const char *code) const;
  void warn(const char *code, const std::string &message, const Variable *weight,
            std::vector<std::string> causes);

  const Manifest &manifest;
  const double learningRate, stepsPerEpoch, chance; // chance: the loss of a guess, ln(classes)
  uint64_t seen = 0, fullSteps = 0;
  double average = 0;                      // of the loss, over about the last 100 steps
  double shareSum = 0, shareAtCompare = 0; // for the mean rate share of a window
  uint64_t seenAtCompare = 0;
  uint64_t nearChance = 0; // steps at a full rate when the loss came near chance
  bool isNear = false;
  double leastMoved = -1, mostMoved = -1; // ratio of any layer when compared last
  double stillShare = 0;                  // of the layer with the most still units
  std::vector<Warning> found;
};

} // namespace weir

#endif
