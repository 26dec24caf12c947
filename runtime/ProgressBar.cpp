// Drawing the bar; see ProgressBar.h.
#include "runtime/ProgressBar.h"
#include "runtime/Error.h"
#include "runtime/Program.h"

#include <algorithm>
#include <cmath>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weir {

ProgressBar::ProgressBar(uint64_t firstStep, uint64_t totalSteps, uint64_t epochs)
    : enabled(isatty(STDERR_FILENO)), firstStep(firstStep), totalSteps(totalSteps), epochs(epochs),
      started(weir_now_ns()) {}

bool ProgressBar::isDue() const {
  if (!enabled)
    return false;
  int64_t now = weir_now_ns();
  if (now < nextDraw)
    return false;
  nextDraw = now + 100'000'000;
  return true;
}

static std::string duration(double seconds) {
  long whole = std::lround(seconds);
  return whole >= 3600 ? format("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60)
                       : format("%ld:%02ld", whole / 60, whole % 60);
}

std::string progressLine(const ProgressBar::State &state, uint64_t epochs, double left,
                         int columns) {
  std::string head =
      format("epoch %llu/%llu ", (unsigned long long)state.epoch, (unsigned long long)epochs);
  std::string tail =
      format(" %llu/%llu  loss %.4f  accuracy %.4f  %s left", (unsigned long long)state.inEpoch,
             (unsigned long long)state.ofEpoch, state.loss, state.accuracy, duration(left).c_str());
  int room = columns - 1 - int(head.size() + tail.size()) - 2;
  std::string bar;
  if (room >= 5) {
    int width = std::min(room, 30);
    int filled = int(uint64_t(width) * state.inEpoch / std::max<uint64_t>(1, state.ofEpoch));
    bar = "[" + std::string(size_t(filled), '#') + std::string(size_t(width - filled), '.') + "]";
  }
  return (head + bar + tail).substr(0, size_t(std::max(1, columns - 1)));
}

void ProgressBar::draw(const State &state) {
  winsize window{};
  int columns =
      ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : 80;
  double elapsed = double(weir_now_ns() - started) * 1e-9;
  double perStep = elapsed / double(std::max<uint64_t>(1, state.step - firstStep));
  // One write for the whole line, and the rest erased after it: nothing flickers.
  std::string text =
      "\r" + progressLine(state, epochs, perStep * double(totalSteps - state.step), columns) +
      "\x1b[K";
  shown = ::write(STDERR_FILENO, text.data(), text.size()) > 0;
}

void ProgressBar::clear() {
  if (shown && ::write(STDERR_FILENO, "\r\x1b[K", 4) > 0)
    shown = false;
}

} // namespace weir
