//===- SweepGrid.h - the members of a sweep, without listing them -----------------------------===//
//
// A grid is the product of the lists of a `sweep` block; a sweep has all its members or some drawn
// at random. Nothing here takes memory per member of the grid, so a million of them are counted at
// once. Members come in the order in which they are trained best: those of one program together,
// and of these those that differ in epochs alone.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "frontend/SweepBlock.h"

#include "llvm/Support/Error.h"
#include <cstdint>

namespace weir {

/// One member: a value of each setting.
struct SweepMember {
  uint64_t number = 0;  ///< from 1, in the order of the file, its last setting changing fastest
  uint64_t program = 0; ///< which combination of the settings that need a program of their own
  uint64_t run = 0;     ///< which combination of all settings but epochs
  std::optional<int64_t> epochs;                           ///< where they are swept at run time
  std::vector<std::pair<std::string, std::string>> values; ///< (name, text), in the file's order
};

class SweepGrid {
public:
  /// An error where there are more than 2^62 combinations. `longestOnly` keeps only the largest of
  /// the numbers of epochs.
  static llvm::Expected<SweepGrid> create(std::vector<SweepSetting> settings, bool longestOnly);

  /// Keeps `count` members drawn without replacement, all alike; the same for the same seed. No
  /// change where there are not more.
  void chooseRandomly(uint64_t count, uint64_t seed);

  const std::vector<SweepSetting> &settings() const { return all; }
  uint64_t size() const { return chosen.empty() ? combinations : chosen.size(); }
  /// How many combinations need a program of their own in the whole grid, and how many runs
  /// (members that differ in epochs alone being one) each has.
  uint64_t programs() const { return programCount; }
  uint64_t runsPerProgram() const { return runCount; }

  SweepMember member(uint64_t position) const;
  uint64_t programAt(uint64_t position) const { return index(position) / (runCount * epochCount); }
  uint64_t runAt(uint64_t position) const { return index(position) / epochCount; }
  /// The first position whose program comes after `program`; `size()` if there is none.
  uint64_t endOfProgram(uint64_t program) const;
  /// Epochs of all runs, and of all members if each were a run of its own; `defaultEpochs` where
  /// they are not swept.
  uint64_t epochsOfRuns(int64_t defaultEpochs) const;
  uint64_t epochsOfMembers(int64_t defaultEpochs) const;

private:
  SweepGrid() = default;
  /// (program * runs + run) * epochs + place of the number of epochs, ascending.
  uint64_t index(uint64_t position) const { return chosen.empty() ? position : chosen[position]; }
  int64_t epochsOf(uint64_t index, int64_t defaultEpochs) const;

  std::vector<SweepSetting> all;
  std::optional<size_t> epochsSetting; ///< its place in `all`
  std::vector<size_t> epochOrder;      ///< places in its list by ascending number
  uint64_t combinations = 1, programCount = 1, runCount = 1, epochCount = 1;
  std::vector<uint64_t> chosen; ///< indices, ascending; empty: all
};

} // namespace weir
