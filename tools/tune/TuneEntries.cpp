//===- TuneEntries.cpp - see TuneEntries.h ---------------------------------------------------===//

#include "tools/tune/TuneEntries.h"

#include "llvm/ADT/STLExtras.h"
#include <map>

namespace weir {

/// The probability that by chance at least as many pairs say that the second is slower.
static double chanceOfSlower(const TuneVerdict &verdict) {
  return signTest(verdict.pairs - verdict.faster, verdict.pairs);
}

EntryCheck::EntryCheck(const TuneNet &net, std::vector<bool> changed, EntryLab &lab, double until)
    : net(net), changed(std::move(changed)), gone(net.groups.size()), lab(lab), until(until),
      results(net.entries.size()) {
  for (auto [result, entry] : llvm::zip_equal(results, net.entries))
    result.name = entry.name;
  markChanged();
}

llvm::Error EntryCheck::run() {
  complete = isUnchanged();
  for (unsigned round = 0; round < mostRounds && !complete; ++round) {
    if (llvm::Error error = lab.build(gone))
      return error;
    // A later round has what the first leaves of the time.
    const double left = std::max(0.0, until - lab.seconds());
    if (llvm::Error error = measure(lab.seconds() + (round + 1 < mostRounds ? left / 2 : left)))
      return error;
    if (lab.isInterrupted())
      return llvm::Error::success();
    // First those whose kernels are slower in the entry; if that is not enough, all. Whether the
    // last ones are enough cannot be asked again: an entry without any is the default's.
    complete = !withdrawSlower(/*all=*/round > 0) || isUnchanged();
  }
  complete = true;
  return llvm::Error::success();
}

bool EntryCheck::isUnchanged() const {
  return llvm::none_of(results, [](const EntryResult &entry) { return entry.isChanged; });
}

llvm::Error EntryCheck::measure(double end) {
  measured.assign(net.entries.size(), {});
  for (auto [entry, of] : llvm::zip_equal(net.entries, measured))
    of.kernels.resize(entry.kernels.size());
  const auto runOne = [&](bool withRecords) -> llvm::Error {
    auto times = lab.run(withRecords);
    if (!times)
      return times.takeError();
    for (auto [time, of] : llvm::zip_equal(*times, measured)) {
      (withRecords ? of.entry.second : of.entry.first).push_back(time.milliseconds);
      for (auto [kernel, pairs] : llvm::zip_equal(time.kernels, of.kernels))
        (withRecords ? pairs.second : pairs.first).push_back(kernel);
    }
    return llvm::Error::success();
  };
  for (unsigned pair = 0; pair < mostPairs && !lab.isInterrupted(); ++pair) {
    if (pair >= leastPairs) {
      bool decided = true;
      for (size_t entry = 0; entry < results.size(); ++entry)
        decided &= isDecided(entry);
      if (decided || lab.seconds() >= end)
        break;
    }
    for (const bool isSecond : {false, true}) // A B B A
      if (llvm::Error error = runOne(isSecond != (pair % 2 == 1)))
        return error;
    for (auto [result, of] : llvm::zip_equal(results, measured))
      result.verdict = judge(of.entry);
  }
  return llvm::Error::success();
}

void EntryCheck::markChanged() {
  for (auto [entry, result] : llvm::zip_equal(net.entries, results)) {
    result.isChanged = llvm::any_of(entry.kernels, [&](size_t group) { return changed[group]; });
  }
}

bool EntryCheck::isSlower(size_t entry) const {
  const EntryResult &result = results[entry];
  return result.isChanged && result.verdict.ratio > 1 &&
         chanceOfSlower(result.verdict) <= slowerChance;
}

bool EntryCheck::isDecided(size_t entry) const {
  const EntryResult &result = results[entry];
  return !result.isChanged ||
         std::min(result.verdict.chance, chanceOfSlower(result.verdict)) <= decidedChance;
}

std::vector<size_t> EntryCheck::culprits(size_t entry, bool all) const {
  std::map<size_t, double> more; // milliseconds that a group takes more
  for (auto [group, pairs] : llvm::zip_equal(net.entries[entry].kernels, measured[entry].kernels))
    if (changed[group])
      more[group] += medianOf(pairs.second) - medianOf(pairs.first);
  std::vector<size_t> groups;
  for (auto [group, milliseconds] : more)
    if (all || milliseconds > 0)
      groups.push_back(group);
  return groups;
}

bool EntryCheck::withdrawSlower(bool all) {
  std::vector<size_t> groups;
  for (size_t entry = 0; entry < results.size(); ++entry) {
    if (!isSlower(entry))
      continue;
    results[entry].slower = results[entry].verdict;
    std::vector<size_t> found = culprits(entry, all);
    if (found.empty()) // it is none of them alone
      found = culprits(entry, /*all=*/true);
    llvm::append_range(groups, found);
  }
  for (const size_t group : groups) {
    changed[group] = false;
    gone[group] = true;
  }
  markChanged();
  return !groups.empty();
}

} // namespace weir
