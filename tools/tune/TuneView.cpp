//===- TuneView.cpp - see TuneView.h ---------------------------------------------------------===//

#include "tools/tune/TuneView.h"
#include "tools/SweepView.h"

#include <fmt/core.h>

namespace weir {

void TuneView::progress(const TuneProgress &progress, double seconds) {
  if (!line.isDue())
    return;
  std::string text =
      fmt::format("{} of {}, {} candidate{}", durationText(seconds), durationText(budget),
                  countText(progress.tried), progress.tried == 1 ? "" : "s");
  if (progress.failed)
    text += fmt::format(" ({} failed)", countText(progress.failed));
  text += fmt::format(", {} of {} groups, {} faster, {:.1f} % saved: {}", progress.visited,
                      progress.groups, progress.winners, 100 * progress.gain, progress.current);
  line.show(text);
}

void TuneView::won(const TuningRecord &record, const TuneProgress &progress) {
  say(fmt::format("{}: {} instead of {}, {:.2f} instead of {:.2f} us ({:.0f} % less); {:.1f} % of "
                  "all saved",
                  record.name, record.schedule.text(), record.loops.chosen.text(),
                  record.tunedMicroseconds, record.defaultMicroseconds, 100 * record.gain(),
                  100 * progress.gain));
}

void TuneView::say(const std::string &text) {
  clear();
  fmt::print(out, "{}\n", text);
  std::fflush(out);
}

} // namespace weir
