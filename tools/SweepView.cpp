//===- SweepView.cpp - see SweepView.h --------------------------------------------------------===//

#include "tools/SweepView.h"

#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weir {

std::string durationText(double seconds) {
  if (seconds >= 3e11) // ten thousand years
    return "more than 10,000 years";
  const long whole = std::lround(std::max(0.0, seconds));
  if (whole >= 1000 * 86400L)
    return countText(static_cast<uint64_t>(whole / 86400)) + " days";
  if (whole >= 86400)
    return fmt::format("{} {} {} h", whole / 86400, whole < 2 * 86400 ? "day" : "days",
                       whole / 3600 % 24);
  return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string countText(uint64_t count) {
  std::string text = std::to_string(count);
  for (int place = static_cast<int>(text.size()) - 3; place > 0; place -= 3)
    text.insert(static_cast<size_t>(place), ",");
  return text;
}

SweepView::SweepView(FILE *out, std::vector<SweepSetting> settings)
    : out(out), live(isatty(fileno(out))), settings(std::move(settings)) {}

bool SweepView::isDue() const {
  return live && std::chrono::steady_clock::now() - drawn > std::chrono::milliseconds(200);
}

/// Cut to `columns` characters. (A byte that continues a character of UTF-8 takes no column.)
static std::string cut(const std::string &text, size_t columns) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i)
    if ((text[i] & 0xC0) != 0x80 && width++ == columns)
      return text.substr(0, i);
  return text;
}

void SweepView::draw(const SweepState &state) {
  winsize window{};
  const bool known = ioctl(fileno(out), TIOCGWINSZ, &window) == 0;
  const size_t columns = known && window.ws_col > 1 ? window.ws_col - 1u : 79;
  const size_t rows = known && window.ws_row > 4 ? window.ws_row - 1u : 23;
  std::vector<std::string> lines;
  std::string head =
      fmt::format("sweep {}: {} of {} members", state.name,
                  countText(state.done + state.stopped + state.failed), countText(state.members));
  if (state.stopped)
    head += fmt::format(", {} stopped early", countText(state.stopped));
  if (state.failed)
    head += fmt::format(", {} failed", countText(state.failed));
  lines.push_back(head +
                  (state.secondsLeft < 0 ? "" : ", " + durationText(state.secondsLeft) + " left"));
  if (!state.running.empty())
    lines.push_back("    epoch  validation  running");
  for (const SweepRunning &running : state.running)
    lines.push_back(fmt::format(
        "{:>9}  {:>10}  {}",
        running.epochs > 0 ? fmt::format("{}/{}", running.epoch, running.epochs) : "",
        running.epoch > 0 ? fmt::format("{:.4f}", running.accuracy) : "", running.label));
  if (!state.best.empty())
    lines.push_back("     rank  validation  best so far");
  size_t rank = 0;
  for (const SweepRecord *record : state.best)
    lines.push_back(fmt::format("{:>9}  {:>10.4f}  member {}: {}", ++rank,
                                record->kept().validationAccuracy, record->member.number,
                                describe(record->member, settings)));
  lines.resize(std::min(lines.size(), rows));
  // One write for the whole table, and each line's rest erased: nothing flickers.
  std::string text = shownLines ? fmt::format("\x1b[{}A\r", shownLines) : "\r";
  for (const std::string &line : lines)
    text += cut(line, columns) + "\x1b[K\n";
  text += "\x1b[J";
  std::fputs(text.c_str(), out);
  std::fflush(out);
  shownLines = static_cast<int>(lines.size());
  drawn = std::chrono::steady_clock::now();
}

void SweepView::clear() {
  if (shownLines == 0)
    return;
  fmt::print(out, "\x1b[{}A\r\x1b[J", shownLines);
  std::fflush(out);
  shownLines = 0;
}

void SweepView::say(const std::string &text) {
  clear();
  fmt::print(out, "{}\n", text);
  std::fflush(out);
}

void SweepView::ended(const SweepRecord &record, uint64_t count, uint64_t members) {
  using Status = SweepRecord::Status;
  if (live && record.status != Status::Failed)
    return;
  std::string text =
      fmt::format("{}/{} member {}", countText(count), countText(members), record.member.number);
  if (const std::string values = describe(record.member, settings); !values.empty())
    text += ": " + values;
  if (record.status == Status::Failed)
    return say(text + ": failed: " + record.message);
  text += fmt::format(": validation accuracy {:.4f}", record.last.validationAccuracy);
  if (record.best.validationAccuracy > record.last.validationAccuracy)
    text +=
        fmt::format(" ({:.4f} after epoch {})", record.best.validationAccuracy, record.best.epoch);
  if (record.digits > 0)
    text += fmt::format(", own digits {}/{}", record.digitsRight, record.digits);
  text += fmt::format(", {} {}, {:.1f} s", record.last.epoch,
                      record.last.epoch == 1 ? "epoch" : "epochs", record.seconds);
  say(text + (record.status == Status::Stopped ? ", stopped early" : ""));
}

void SweepView::ranking(const std::vector<const SweepRecord *> &records, size_t limit) {
  clear();
  const bool digits =
      llvm::any_of(records, [](const SweepRecord *record) { return record->digits > 0; });
  std::vector<std::vector<std::string>> table;
  std::vector<std::string> header = {"rank", "member"};
  for (const SweepSetting &setting : settings)
    if (setting.values.size() > 1)
      header.push_back(setting.name);
  header.insert(header.end(), {"validation", "best (epoch)", "loss", "training", "seconds"});
  if (digits)
    header.push_back("digits");
  header.push_back("");
  table.push_back(std::move(header));
  for (const SweepRecord *record : llvm::ArrayRef(records).take_front(limit)) {
    std::vector<std::string> row = {std::to_string(table.size()),
                                    std::to_string(record->member.number)};
    for (const auto &[setting, value] : llvm::zip_equal(settings, record->member.values))
      if (setting.values.size() > 1)
        row.push_back(cut(value.second, 40));
    const EpochResult &last = record->last;
    if (last.epoch > 0)
      row.insert(row.end(),
                 {fmt::format("{:.4f}", last.validationAccuracy),
                  fmt::format("{:.4f} ({})", record->best.validationAccuracy, record->best.epoch),
                  fmt::format("{:.4f}", last.validationLoss),
                  fmt::format("{:.4f}", last.trainAccuracy),
                  fmt::format("{:.1f}", record->seconds)});
    else
      row.insert(row.end(), 5, "-");
    if (digits)
      row.push_back(record->digits ? fmt::format("{}/{}", record->digitsRight, record->digits)
                                   : "-");
    row.push_back(record->status == SweepRecord::Status::Done ? "" : statusText(record->status));
    table.push_back(std::move(row));
  }
  std::vector<size_t> widths(table.front().size());
  for (const auto &row : table)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  for (const auto &row : table) {
    std::string line;
    for (size_t i = 0; i + 1 < row.size(); ++i)
      line += fmt::format("{:>{}}  ", row[i], widths[i]);
    line += row.back();
    fmt::print(out, "{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
  }
  if (records.size() > limit)
    fmt::print(out, "and {} more\n", countText(records.size() - limit));
  std::fflush(out);
}

} // namespace weir
