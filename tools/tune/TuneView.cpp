//===- TuneView.cpp - see TuneView.h ---------------------------------------------------------===//

#include "tools/tune/TuneView.h"
#include "tools/SweepView.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weir {

TuneView::TuneView(FILE *out, double budget)
    : out(out), live(isatty(fileno(out))), budget(budget) {}

void TuneView::progress(const TuneProgress &progress, double seconds) {
  const auto now = std::chrono::steady_clock::now();
  if (!live || (shown && now - drawn < std::chrono::milliseconds(100)))
    return;
  winsize window{};
  const size_t columns =
      ioctl(fileno(out), TIOCGWINSZ, &window) == 0 && window.ws_col > 1 ? window.ws_col - 1u : 79;
  std::string line = fmt::format("{} of {}, {} candidates", durationText(seconds),
                                 durationText(budget), countText(progress.tried));
  if (progress.failed)
    line += fmt::format(" ({} failed)", countText(progress.failed));
  line += fmt::format(", {} of {} groups, {} faster, {:.1f} % saved: {}", progress.visited,
                      progress.groups, progress.winners, 100 * progress.gain, progress.current);
  fmt::print(out, "\r{}\x1b[K", line.substr(0, columns));
  std::fflush(out);
  shown = true;
  drawn = now;
}

void TuneView::won(const TuningRecord &record, const TuneProgress &progress) {
  say(fmt::format("{}: {} instead of {}, {:.2f} instead of {:.2f} us ({:.0f} % less); {:.1f} % of "
                  "all saved",
                  record.name, record.schedule.text(), record.loops.chosen.text(),
                  record.tunedMicroseconds, record.defaultMicroseconds, 100 * record.gain(),
                  100 * progress.gain));
}

void TuneView::clear() {
  if (!shown)
    return;
  fmt::print(out, "\r\x1b[K");
  std::fflush(out);
  shown = false;
}

void TuneView::say(const std::string &text) {
  clear();
  fmt::print(out, "{}\n", text);
  std::fflush(out);
}

} // namespace weir
