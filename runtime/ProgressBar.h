// What a person sees of a training run: one line that is redrawn, on a terminal only.
//
// Trainer.cpp calls update() after each step; it costs one clock reading and draws at most ten
// times a second.
#ifndef WEIR_RUNTIME_PROGRESSBAR_H
#define WEIR_RUNTIME_PROGRESSBAR_H

#include <cstdint>
#include <string>

namespace weir {

class ProgressBar {
public:
  /// Draws on stderr if that is a terminal, else never.
  ProgressBar(uint64_t firstStep, uint64_t totalSteps, uint64_t epochs);
  ~ProgressBar() { clear(); }

  struct State {
    uint64_t step;             // steps done of the whole run
    uint64_t epoch;            // from 1
    uint64_t inEpoch, ofEpoch; // steps of this epoch
    double loss, accuracy;     // means of this epoch so far
  };
  bool isDue() const;
  void draw(const State &state);
  /// Removes the line, before other text is printed.
  void clear();

private:
  bool enabled, shown = false;
  uint64_t firstStep, totalSteps, epochs;
  int64_t started;
  mutable int64_t nextDraw = 0;
};

/// The bar's text for a terminal of `columns` columns; `left` is the number of seconds left.
std::string progressLine(const ProgressBar::State &state, uint64_t epochs, double left,
                         int columns);

} // namespace weir

#endif
