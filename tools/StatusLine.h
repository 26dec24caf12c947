//===- StatusLine.h - a line on a terminal that is rewritten ---------------------------------===//

#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace weir {

/// Shows nothing where the output is no terminal.
class StatusLine {
public:
  explicit StatusLine(FILE *out);
  ~StatusLine() { clear(); }

  bool isLive() const { return live; }
  /// Whether it is time to show something: ten times a second at most, and never elsewhere.
  bool isDue() const;
  /// As much of `text` as fits into the line.
  void show(const std::string &text);
  /// Removes the line, before other text is printed.
  void clear();

private:
  FILE *out;
  bool live, shown = false;
  std::chrono::steady_clock::time_point drawn{};
};

} // namespace weir
