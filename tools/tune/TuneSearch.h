//===- TuneSearch.h - which candidate comes next, and which one wins -------------------------===//
//
// Goes from group to group, where most time may still be saved: compiles a few candidates of its
// schedule, screens them against the best so far, and lets what looks faster stand a final
// comparison against the default, on new measurements. What wins is reported at once, so that the
// search can end at any moment. How candidates are compiled and timed is a TuneLab's business.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/TuningDatabase.h"
#include "tools/tune/TuneStatistics.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace weir {

/// A distinct group of a net.
struct TuneGroup {
  std::string name;    ///< "dense_relu_f32_32x784x80"
  std::string content; ///< kernels::describe
  std::string ir;      ///< a module with one kernel
  std::vector<int> inPlace;
  int64_t stepBytes = 0; ///< of the largest entry it is in
  double share = 0;      ///< of the entries' time, summed over all entries: 1 is a whole entry
  unsigned uses = 0;     ///< kernels in all entries
  /// Its schedule has numbers to choose. Of a GPU's kernels those of matrix products have.
  bool hasChoice = true;
};

/// Compiles and measures one group's candidates at a time.
class TuneLab {
public:
  virtual ~TuneLab() = default;
  /// Goes on with `group`; its default kernel is compiled and can be timed afterwards.
  virtual llvm::Expected<LoopFacts> open(const TuneGroup &group) = 0;
  /// Compiles candidates and compares their results with the default's; for each an empty text, or
  /// why it cannot be timed. One that takes longer than `limit` seconds is given up.
  virtual std::vector<std::string> prepare(llvm::ArrayRef<Schedule> schedules, double limit) = 0;
  /// Times two that are prepared, in turns.
  virtual llvm::Expected<TunePairs> time(const Schedule &first, const Schedule &second,
                                         unsigned pairs) = 0;
  /// Seconds since the search began.
  virtual double seconds() = 0;
  /// Whether the search is to end.
  virtual bool isInterrupted() = 0;
};

/// How the search goes on; what it is told.
struct TuneProgress {
  size_t groups = 0, visited = 0; ///< distinct groups, and those that were worked on
  unsigned tried = 0, failed = 0; ///< candidates
  unsigned winners = 0;           ///< groups with a faster schedule
  double gain = 0;                ///< saved share of the entries' time, on average
  std::string current;            ///< the group's name
};

class TuneObserver {
public:
  virtual ~TuneObserver() = default;
  virtual void progress(const TuneProgress &progress) = 0;
  /// A candidate that cannot be used.
  virtual void rejected(const TuneGroup &group, const Schedule &schedule,
                        const std::string &reason) = 0;
  /// A group has a new best schedule. An error ends the search.
  virtual llvm::Error won(const TuningRecord &record, const TuneProgress &progress) = 0;
};

struct TuneOptions {
  double budget = 60;      ///< seconds
  unsigned candidates = 0; ///< as many at most; 0: as many as the budget allows
  KernelTarget target;
  unsigned threads = 1;
  std::string cpu;                       ///< TuningKey::cpu
  size_t entries = 1;                    ///< that the shares are of
  size_t batch = 4;                      ///< candidates compiled at a time
  size_t enumerated = 120;               ///< candidates of a group, besides neighbours of winners
  const TuningDatabase *known = nullptr; ///< records to begin with
};

class TuneSearch {
public:
  TuneSearch(TuneOptions options, std::vector<TuneGroup> groups, TuneLab &lab,
             TuneObserver &observer);

  /// Until the budget is used up, everything is tried or the lab is interrupted.
  llvm::Error run();
  const TuneProgress &progress() const { return state; }

  /// Rules of a winner: by the sign test against the default on measurements of its own.
  static constexpr unsigned screeningPairs = 12, finalPairs = 48;
  static constexpr double screeningChance = 0.08, finalChance = 0.001, leastGain = 0.02;

private:
  struct Work {
    TuneGroup group;
    LoopFacts loops;
    Schedule best;               ///< the default until something beats it
    double gain = 0;             ///< of `best` over the default
    std::vector<Schedule> queue; ///< next candidates, the last one first
    std::vector<Schedule> tried;
    unsigned candidates = 0, failed = 0;
    unsigned visits = 0, barren = 0; ///< visits, and those since the last gain
    bool opened = false, done = false;
  };

  Work *next();
  llvm::Error visit(Work &work);
  void enqueue(Work &work, std::vector<Schedule> schedules);
  /// The record of an earlier search, if it still beats the default, is what has to be beaten.
  void takeKnown(Work &work);
  /// The final comparison of what a visit found best.
  llvm::Error decide(Work &work, const Schedule &candidate);
  bool isTimeUp() { return lab.isInterrupted() || lab.seconds() >= options.budget; }
  /// Of --candidates; the last one may still win.
  size_t candidatesLeft() const {
    return options.candidates ? options.candidates - std::min(state.tried, options.candidates)
                              : std::numeric_limits<size_t>::max();
  }
  void report(const Work &work);

  TuneOptions options;
  std::vector<Work> works;
  TuneLab &lab;
  TuneObserver &observer;
  TuneProgress state;
};

} // namespace weir
