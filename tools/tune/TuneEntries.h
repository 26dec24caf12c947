//===- TuneEntries.h - do faster kernels make faster entries? --------------------------------===//
//
// A kernel that wins by itself may still cost its neighbours more, by what it leaves in the caches.
// At the end of a search whole entries of the program with the records are compared with those of
// the program without, in turns; where an entry is slower, the records that do it are withdrawn
// until it is not. How programs are compiled and timed is an EntryLab's business.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/tune/TuneGroups.h"

#include <optional>

namespace weir {

/// Compiles and times the two programs.
class EntryLab {
public:
  virtual ~EntryLab() = default;
  /// Makes the program by all records but those of the groups `withdrawn`.
  virtual llvm::Error build(const std::vector<bool> &withdrawn) = 0;
  /// One short run of the program with the records, or of the one without: all entries' times.
  virtual llvm::Expected<std::vector<EntryTimes>> run(bool withRecords) = 0;
  virtual double seconds() = 0;
  virtual bool isInterrupted() = 0;
};

/// What became of an entry.
struct EntryResult {
  std::string name;
  bool isChanged = false; ///< at least one of its kernels is compiled by a record
  TuneVerdict verdict;    ///< of the last comparison, in milliseconds
  /// The comparison for which records of its kernels were withdrawn.
  std::optional<TuneVerdict> slower;
  /// 0.1: a tenth of its time is saved.
  double gain() const { return isChanged && verdict.pairs ? 1 - verdict.ratio : 0; }
};

class EntryCheck {
public:
  /// `changed`: the groups, of those of `net`, that are compiled by records. Ends at `until` of the
  /// lab's clock, but for the least number of pairs.
  EntryCheck(const TuneNet &net, std::vector<bool> changed, EntryLab &lab, double until);

  /// An error where a program cannot be made or run: nothing is known of the entries then.
  llvm::Error run();
  /// False where it was interrupted before it knew.
  bool isComplete() const { return complete; }
  const std::vector<EntryResult> &entries() const { return results; }
  const std::vector<bool> &withdrawn() const { return gone; }

  /// A pair is a run of each program. Seven of seven decide early; an entry is slower where pairs
  /// would say so by chance in one of 20 comparisons.
  static constexpr unsigned leastPairs = 7, mostPairs = 24, mostRounds = 3;
  static constexpr double decidedChance = 0.01, slowerChance = 0.05;

private:
  /// Times of one kernel or entry in all pairs of a round.
  struct Measured {
    TunePairs entry;
    std::vector<TunePairs> kernels;
  };
  llvm::Error measure(double end);
  void markChanged();
  /// All entries are the default's.
  bool isUnchanged() const;
  bool isSlower(size_t entry) const;
  bool isDecided(size_t entry) const;
  /// The changed groups of an entry: those whose kernels took longer in it, or all.
  std::vector<size_t> culprits(size_t entry, bool all) const;
  bool withdrawSlower(bool all);

  const TuneNet &net;
  std::vector<bool> changed, gone; ///< by group
  EntryLab &lab;
  double until;
  std::vector<Measured> measured; ///< by entry
  std::vector<EntryResult> results;
  bool complete = false;
};

} // namespace weir
