//===- SweepHalving.h - successive halving: which members go on -------------------------------===//
//
// All members train for a few epochs, the best third for three times as many, and so on, until the
// last few have trained for all (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification
// and Hyperparameter Optimization", 2016; the most aggressive bracket of Li et al., "Hyperband",
// 2017). Nothing depends on which member was ready first.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

using std::size_t;

/// How one member did at the end of a rung.
struct RungScore {
  uint64_t position = 0; ///< of the member
  double accuracy = 0;   ///< validation, after the rung's last epoch
  double loss = 0;
};

/// The plan of a sweep of `members` members that train for up to `epochs` epochs.
class Halving {
public:
  /// One of `factor` members goes on.
  static constexpr uint64_t factor = 3;

  Halving(uint64_t members, int64_t epochs);

  size_t rungs() const { return rungCount; }
  /// Members that train in a rung: members / factor^rung, rounded down, at least 1.
  uint64_t membersIn(size_t rung) const;
  /// Epochs at the end of a rung, for members whose last rung is `epochs`: epochs /
  /// factor^(rungs - 1 - rung), rounded down, at least 1.
  int64_t epochsAt(size_t rung, int64_t epochs) const;
  /// Epochs of the whole sweep.
  uint64_t totalEpochs(int64_t epochs) const;

  /// The positions that go on after `rung`, ascending: those of the highest accuracy, then the
  /// lowest loss, then the lowest position.
  std::vector<uint64_t> survivors(size_t rung, std::vector<RungScore> scores) const;

private:
  uint64_t members;
  size_t rungCount = 1;
};

} // namespace weir
