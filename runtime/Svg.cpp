// Charts; see Svg.h.
#include "runtime/Svg.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cmath>

namespace weir {

using Number = unsigned long long;

std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text)
    result += c == '&'   ? "&amp;"
              : c == '<' ? "&lt;"
              : c == '>' ? "&gt;"
              : c == '"' ? "&quot;"
                         : std::string(1, c);
  return result;
}

std::vector<double> roundTicks(double low, double high, int most) {
  if (!(high > low)) { // one value: some room around it
    const double room = std::max(1e-6, std::fabs(low) * 0.1);
    low -= room, high += room;
  }
  double step = std::pow(10, std::floor(std::log10((high - low) / most)));
  for (int turn = 0; std::floor(low / step) + most < std::ceil(high / step) + 1; ++turn)
    step *= turn % 3 == 1 ? 2.5 : 2; // 1, 2, 5, 10
  std::vector<double> ticks;
  for (double at = std::floor(low / step + 1e-9); at <= std::ceil(high / step - 1e-9); ++at)
    ticks.push_back(at * step);
  return ticks;
}

namespace {
constexpr double width = 560, height = 320, left = 62, right = 16, top = 34, bottom = 48;

// From values to places in the drawing.
struct Scale {
  double from, to, start, end;
  double operator()(double value) const {
    return start + (value - from) / (to - from) * (end - start);
  }
};
} // namespace

static std::string line(double x1, double y1, double x2, double y2, const char *kind) {
  return format("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", kind, x1,
                y1, x2, y2);
}

static std::string label(double x, double y, const char *anchor, const std::string &text,
                         const char *more = "") {
  return format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>", x, y, anchor, more) +
         escaped(text) + "</text>\n";
}

// A ring, a square or a diamond, by the curve's number.
static std::string mark(size_t curve, double x, double y) {
  const std::string kind = "class=\"mark c" + std::to_string(curve) + "\" ";
  if (curve == 0)
    return "<circle " + kind + format("cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"", x, y);
  const char *turned = curve == 1 ? "" : "rotate(45)";
  return "<rect " + kind +
         format("x=\"-3.2\" y=\"-3.2\" width=\"6.4\" height=\"6.4\" "
                "transform=\"translate(%.1f %.1f) %s\"",
                x, y, turned);
}

static std::string axes(const Chart &chart, const Scale &x, const Scale &y,
                        const std::vector<double> &vertical) {
  std::string text;
  const double step = vertical[1] - vertical[0]; // there are at least two ticks
  const int places = std::max(0, -int(std::floor(std::log10(step) + 1e-9)));
  for (double tick : vertical) {
    text += line(left, y(tick), width - right, y(tick), "grid");
    text += label(left - 7, y(tick) + 4, "end", format("%.*f", places, tick));
  }
  for (double tick : roundTicks(x.from, x.to, 10))
    if (tick == std::round(tick) && tick >= x.from && tick <= x.to) {
      text += line(x(tick), height - bottom, x(tick), height - bottom + 5, "axis");
      text += label(x(tick), height - bottom + 19, "middle", format("%.0f", tick));
    }
  text += line(left, height - bottom, width - right, height - bottom, "axis");
  text += line(left, top, left, height - bottom, "axis");
  text += label((left + width - right) / 2, height - 8, "middle", chart.horizontal);
  text += label(
      0, 0, "middle", chart.vertical,
      format(" transform=\"translate(15 %.1f) rotate(-90)\"", (top + height - bottom) / 2).c_str());
  return text;
}

static std::string draw(const Chart &chart, size_t number, const Scale &x, const Scale &y) {
  const Curve &curve = chart.curves[number];
  std::string path, marks;
  const bool few = curve.values.size() <= 40;
  for (size_t i = 0; i < curve.values.size(); ++i) {
    const double place = double(chart.first + i), value = curve.values[i];
    path += format("%s%.1f %.1f", i == 0 ? "M" : " L", x(place), y(value));
    if (few)
      marks += mark(number, x(place), y(value)) + "><title>" +
               escaped(format("%s, %s %.0f: %.4f", curve.name.c_str(), chart.horizontal.c_str(),
                              place, value)) +
               "</title></" + (number == 0 ? "circle" : "rect") + ">\n";
  }
  return format("<path class=\"curve c%zu\" d=\"%s\"/>\n", number, path.c_str()) + marks;
}

std::string lineChart(const Chart &chart) {
  double low = INFINITY, high = -INFINITY;
  size_t count = 0;
  std::string says = chart.title + ". ";
  for (const Curve &curve : chart.curves) {
    for (double value : curve.values)
      low = std::min(low, value), high = std::max(high, value);
    count = std::max(count, curve.values.size());
    if (!curve.values.empty())
      says += format("%s: from %.4f to %.4f. ", curve.name.c_str(), curve.values.front(),
                     curve.values.back());
  }
  if (count == 0 || !std::isfinite(low) || !std::isfinite(high))
    return "";
  const std::vector<double> vertical = roundTicks(low, high, 7);
  const double first = double(chart.first), last = first + double(count) - 1;
  const double room = count == 1 ? 0.5 : 0;
  const Scale x{first - room, last + room, left + 8, width - right - 8};
  const Scale y{vertical.front(), vertical.back(), height - bottom, top};
  std::string text = format("<svg class=\"chart\" role=\"img\" viewBox=\"0 0 %.0f %.0f\" "
                            "xmlns=\"http://www.w3.org/2000/svg\">\n",
                            width, height);
  text += "<title>" + escaped(chart.title) + "</title>\n<desc>" + escaped(says) + "</desc>\n";
  text += label(left, 20, "start", chart.title, " class=\"head\"");
  text += axes(chart, x, y, vertical);
  for (size_t i = 0; i < chart.curves.size(); ++i)
    text += draw(chart, i, x, y);
  double at = width - right;
  for (size_t i = chart.curves.size(); i-- > 0;) { // the legend, from the right
    at -= 7.2 * double(chart.curves[i].name.size()) + 4;
    text += label(at, 20, "start", chart.curves[i].name);
    text += format("<path class=\"curve c%zu\" d=\"M%.1f 16 L%.1f 16\"/>\n", i, at - 28, at - 6);
    text += mark(i, at - 17, 16) + "/>\n";
    at -= 44;
  }
  return text + "</svg>\n";
}

std::string confusionChart(const std::vector<uint64_t> &confusion, uint64_t classes) {
  if (classes > mostShownClasses || confusion.size() != classes * classes)
    return "";
  const double cell = classes <= 12 ? 42 : 24, from = 56,
               extent = from + cell * double(classes) + 8;
  std::string text = format("<svg class=\"matrix\" role=\"img\" viewBox=\"0 0 %.0f %.0f\" "
                            "style=\"max-width:%.0fpx\" xmlns=\"http://www.w3.org/2000/svg\">\n",
                            extent, extent, extent);
  text += "<title>Confusion matrix: rows are labels, columns are predictions</title>\n";
  text += label(from + cell * double(classes) / 2, 16, "middle", "prediction");
  text += label(
      0, 0, "middle", "label",
      format(" transform=\"translate(14 %.1f) rotate(-90)\"", from + cell * double(classes) / 2)
          .c_str());
  for (uint64_t row = 0; row < classes; ++row) {
    const double y = from + cell * double(row);
    uint64_t sum = 0;
    for (uint64_t column = 0; column < classes; ++column)
      sum += confusion[row * classes + column];
    text += label(from - 8, y + cell / 2 + 4, "end", std::to_string(row));
    text += label(y + cell / 2, from - 8, "middle", std::to_string(row));
    for (uint64_t column = 0; column < classes; ++column) {
      const uint64_t count = confusion[row * classes + column];
      const double share = sum > 0 ? double(count) / double(sum) : 0,
                   x = from + cell * double(column);
      // A handful of wrong answers must be seen beside a thousand right ones: the root lifts them.
      const double shade = count == 0 ? 0 : row == column ? share : 0.12 + 0.88 * std::sqrt(share);
      text += format("<g><title>label %llu, prediction %llu: %llu of %llu</title>"
                     "<rect class=\"cell %s\" x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" "
                     "fill-opacity=\"%.3f\"/>",
                     (Number)row, (Number)column, (Number)count, (Number)sum,
                     row == column ? "right" : "wrong", x, y, cell - 1, cell - 1, shade);
      if (count > 0)
        text += label(x + cell / 2 - 0.5, y + cell / 2 + 4, "middle", std::to_string(count),
                      shade > 0.55 ? " class=\"on\"" : "");
      text += "</g>\n";
    }
  }
  return text + "</svg>\n";
}

} // namespace weir
