// Drawings for the report, as inline SVG text.
//
// Before: Report.cpp has the numbers. Colours are the page's CSS variables (--first, --second,
// --ink,
// --faint), so that a drawing is readable on light and dark pages; lines also differ by dashes and
// marks, for those who see no colours. No library: what programs may link is C and C++ runtimes
// only.
#ifndef WEIR_RUNTIME_SVG_H
#define WEIR_RUNTIME_SVG_H

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

struct Curve {
  std::string name;
  std::vector<double> values; // one per place, all curves of a chart alike
};

struct Chart {
  std::string title, horizontal, vertical;
  uint64_t first = 1; // the place of each curve's first value; then 1 each
  std::vector<Curve> curves;
};

/// Lines over whole numbers with axes, ticks and a legend; up to three curves. Empty for no values.
std::string lineChart(const Chart &chart);

/// The confusion matrix [label, prediction] as shaded cells with their counts; for at most
/// `mostShownClasses`, else empty. Shades are shares of a label's images.
std::string confusionChart(const std::vector<uint64_t> &confusion, uint64_t classes);
constexpr uint64_t mostShownClasses = 40;

/// At most `most` round numbers (1, 2 or 5 times a power of ten apart) that span low .. high, the
/// first at most `low` and the last at least `high`.
std::vector<double> roundTicks(double low, double high, int most);

/// Text with &, <, > and " written so that HTML and SVG show them.
std::string escaped(const std::string &text);

} // namespace weir

#endif
