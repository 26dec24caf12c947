//===- TuneView.h - what a person sees of a search -------------------------------------------===//
//
// On a terminal one line that is rewritten: time left, candidates, gain so far; elsewhere a line
// for each winner.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/StatusLine.h"
#include "tools/tune/TuneSearch.h"

namespace weir {

class TuneView {
public:
  TuneView(FILE *out, double budget) : out(out), budget(budget), line(out) {}

  void progress(const TuneProgress &progress, double seconds);
  void won(const TuningRecord &record, const TuneProgress &progress);
  /// A line of text.
  void say(const std::string &text);
  void clear() { line.clear(); }

private:
  FILE *out;
  double budget;
  StatusLine line;
};

} // namespace weir
