//===- StatusLine.cpp - see StatusLine.h -----------------------------------------------------===//

#include "tools/StatusLine.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weir {

using Clock = std::chrono::steady_clock;

StatusLine::StatusLine(FILE *out) : out(out), live(isatty(fileno(out))) {}

bool StatusLine::isDue() const {
  return live && (!shown || Clock::now() - drawn >= std::chrono::milliseconds(100));
}

void StatusLine::show(const std::string &text) {
  if (!live)
    return;
  winsize window{};
  const size_t columns =
      ioctl(fileno(out), TIOCGWINSZ, &window) == 0 && window.ws_col > 1 ? window.ws_col - 1u : 79;
  fmt::print(out, "\r{}\x1b[K", text.substr(0, columns));
  std::fflush(out);
  shown = true;
  drawn = Clock::now();
}

void StatusLine::clear() {
  if (!shown)
    return;
  fmt::print(out, "\r\x1b[K");
  std::fflush(out);
  shown = false;
}

} // namespace weir
