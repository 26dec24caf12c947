//===- TuneView.h - what a person sees of a search -------------------------------------------===//
//
// On a terminal one line that is rewritten: time left, candidates, gain so far; elsewhere a line
// for each winner.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/tune/TuneSearch.h"

#include <chrono>
#include <cstdio>

namespace weir {

class TuneView {
public:
  TuneView(FILE *out, double budget);
  ~TuneView() { clear(); }

  void progress(const TuneProgress &progress, double seconds);
  void won(const TuningRecord &record, const TuneProgress &progress);
  /// A line of text.
  void say(const std::string &text);
  void clear();

private:
  FILE *out;
  bool live;
  double budget;
  bool shown = false;
  std::chrono::steady_clock::time_point drawn{};
};

} // namespace weir
