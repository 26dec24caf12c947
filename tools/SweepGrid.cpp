//===- SweepGrid.cpp - see SweepGrid.h --------------------------------------------------------===//

#include "tools/SweepGrid.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <random>
#include <unordered_set>

namespace weir {

llvm::Expected<SweepGrid> SweepGrid::create(std::vector<SweepSetting> settings, bool longestOnly) {
  SweepGrid grid;
  grid.all = std::move(settings);
  for (auto [place, setting] : llvm::enumerate(grid.all)) {
    const bool isEpochs = setting.atRunTime && setting.name == "epochs";
    auto shorter = [](const SweepValue &a, const SweepValue &b) { return *a.integer < *b.integer; };
    if (isEpochs && longestOnly)
      setting.values = {*llvm::max_element(setting.values, shorter)};
    const uint64_t count = setting.values.size();
    if (isEpochs) {
      grid.epochsSetting = place;
      grid.epochCount = count;
      for (size_t i = 0; i < count; ++i)
        grid.epochOrder.push_back(i);
      llvm::sort(grid.epochOrder,
                 [&](size_t a, size_t b) { return shorter(setting.values[a], setting.values[b]); });
    } else {
      (setting.atRunTime ? grid.runCount : grid.programCount) *= count;
    }
    bool overflow = false;
    grid.combinations = llvm::SaturatingMultiply(grid.combinations, count, &overflow);
    if (overflow || grid.combinations > uint64_t(1) << 62)
      return llvm::createStringError("the lists of 'sweep' have more than 2^62 combinations");
  }
  return grid;
}

/// A number below `bound`, all alike (multiplication and rejection, Lemire 2019).
static uint64_t below(std::mt19937_64 &random, uint64_t bound) {
  unsigned __int128 product = static_cast<unsigned __int128>(random()) * bound;
  if (static_cast<uint64_t>(product) < bound)
    for (const uint64_t least = (0 - bound) % bound; static_cast<uint64_t>(product) < least;)
      product = static_cast<unsigned __int128>(random()) * bound;
  return static_cast<uint64_t>(product >> 64);
}

// Floyd's algorithm (Bentley and Floyd 1987): memory for the drawn ones only.
void SweepGrid::chooseRandomly(uint64_t count, uint64_t seed) {
  if (count >= combinations)
    return;
  std::mt19937_64 random(seed);
  std::unordered_set<uint64_t> drawn;
  for (uint64_t last = combinations - count; last < combinations; ++last)
    if (!drawn.insert(below(random, last + 1)).second)
      drawn.insert(last);
  chosen.assign(drawn.begin(), drawn.end());
  llvm::sort(chosen);
}

SweepMember SweepGrid::member(uint64_t position) const {
  const uint64_t at = index(position);
  SweepMember member;
  member.run = at / epochCount;
  member.program = member.run / runCount;
  uint64_t programRest = member.program, runRest = member.run % runCount;
  std::vector<size_t> choice(all.size());
  for (size_t i = all.size(); i-- > 0;) {
    if (i == epochsSetting) {
      choice[i] = epochOrder[at % epochCount];
      continue;
    }
    uint64_t &rest = all[i].atRunTime ? runRest : programRest;
    choice[i] = rest % all[i].values.size();
    rest /= all[i].values.size();
  }
  for (const auto &[setting, place] : llvm::zip_equal(all, choice)) {
    member.number = member.number * setting.values.size() + place;
    member.values.push_back({setting.name, setting.values[place].text});
  }
  ++member.number;
  if (epochsSetting)
    member.epochs = all[*epochsSetting].values[choice[*epochsSetting]].integer;
  return member;
}

uint64_t SweepGrid::endOfProgram(uint64_t program) const {
  const uint64_t end = (program + 1) * runCount * epochCount;
  return chosen.empty() ? end
                        : static_cast<uint64_t>(llvm::lower_bound(chosen, end) - chosen.begin());
}

int64_t SweepGrid::epochsOf(uint64_t index, int64_t defaultEpochs) const {
  return epochsSetting ? *all[*epochsSetting].values[epochOrder[index % epochCount]].integer
                       : defaultEpochs;
}

uint64_t SweepGrid::epochsOfRuns(int64_t defaultEpochs) const {
  if (chosen.empty())
    return programCount * runCount * static_cast<uint64_t>(epochsOf(epochCount - 1, defaultEpochs));
  uint64_t total = 0;
  for (size_t i = 0; i < chosen.size(); ++i)
    if (i + 1 == chosen.size() || runAt(i) != runAt(i + 1))
      total += static_cast<uint64_t>(epochsOf(chosen[i], defaultEpochs));
  return total;
}

uint64_t SweepGrid::epochsOfMembers(int64_t defaultEpochs) const {
  uint64_t total = 0;
  for (uint64_t i = 0; i < (chosen.empty() ? epochCount : chosen.size()); ++i)
    total += static_cast<uint64_t>(epochsOf(index(i), defaultEpochs));
  return chosen.empty() ? total * programCount * runCount : total;
}

} // namespace weir
