//===- SweepView.h - what a person sees of a sweep --------------------------------------------===//
//
// On a terminal a table that is redrawn: the best members so far, the running ones, how much is
// done and how long it will take. Elsewhere a line for each member that ended. At the end the
// ranking.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/SweepRecord.h"

#include <chrono>
#include <cstdio>

namespace weir {

/// A member that is training, or a program that is being compiled.
struct SweepRunning {
  std::string label;   ///< "member 7: learning_rate 0.001"
  int64_t epoch = 0;   ///< epochs done
  int64_t epochs = 0;  ///< of how many; 0: this is no training
  double accuracy = 0; ///< validation, of the last epoch done
};

struct SweepState {
  std::string name; ///< of the folder
  uint64_t members = 0, done = 0, stopped = 0, failed = 0;
  double secondsLeft = -1; ///< below 0: not known yet
  std::vector<SweepRunning> running;
  std::vector<const SweepRecord *> best; ///< the first few of the ranking
};

class SweepView {
public:
  /// Writes to `out`; redraws where that is a terminal.
  SweepView(FILE *out, std::vector<SweepSetting> settings);
  ~SweepView() { clear(); }

  bool isLive() const { return live; }
  /// Whether it is time to draw.
  bool isDue() const;
  void draw(const SweepState &state);
  /// Removes the table, before other text is printed.
  void clear();

  /// A member ended. Shown as a line where the table is not redrawn; failures always.
  void ended(const SweepRecord &record, uint64_t count, uint64_t members);
  /// The ranking, at most `limit` lines of it.
  void ranking(const std::vector<const SweepRecord *> &records, size_t limit);
  /// A line of text.
  void say(const std::string &text);

private:
  FILE *out;
  bool live;
  std::vector<SweepSetting> settings;
  int shownLines = 0;
  std::chrono::steady_clock::time_point drawn{};
};

/// 75 -> "1:15", 3675 -> "1:01:15", from a day on "3 days 2 h".
std::string durationText(double seconds);
/// 1234567 -> "1,234,567".
std::string countText(uint64_t count);

} // namespace weir
