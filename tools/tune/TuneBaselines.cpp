//===- TuneBaselines.cpp - see TuneBaselines.h -----------------------------------------------===//

#include "tools/tune/TuneBaselines.h"

#include "tools/Commands.h"
#include "tools/tune/TuneProcessLab.h"

#include <fmt/core.h>

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

/// An autoscheduler that takes longer for one group is stopped; ours needs 0.1 s.
constexpr double limit = 20;
constexpr unsigned pairs = 12;
constexpr const char *schedulers[] = {"Adams2019", "Mullapudi2016"};

/// The first line of a message, not too long.
std::string shortened(const std::string &message) {
  const std::string line = message.substr(0, message.find('\n'));
  return line.size() > 100 ? line.substr(0, 97) + "..." : line;
}

} // namespace

int runBaselines(Compiler &compiler, const TuneDevice &device, llvm::ArrayRef<TuneGroup> groups,
                 double budget, bool json) {
  TuneProcessLab lab(device, 1);
  catchSweepSignals();
  FILE *out = json ? stderr : stdout;
  size_t width = 5;
  for (const TuneGroup &group : groups)
    width = std::max(width, group.name.size());
  fmt::print(out, "{:<{}}  {:>7}  {:>10}  {:>10}  {:>14}\n", "group", width, "share", "default us",
             "Adams2019", "Mullapudi2016");
  Json list = Json::array();
  for (TuneGroup group : groups) {
    if (lab.isInterrupted() || lab.seconds() > budget)
      break;
    group.inPlace.assign(group.inPlace.size(), -1); // others may compute a value twice
    Json row = {{"name", group.name}, {"share", group.share}};
    std::string cells, reasons;
    double ours = 0;
    if (auto loops = lab.open(group); !loops) {
      fmt::print(out, "{}: {}\n", group.name, llvm::toString(loops.takeError()));
      continue;
    }
    for (const char *scheduler : schedulers) {
      auto times = lab.timeBaseline(scheduler, limit, pairs);
      const size_t cell = std::string(scheduler) == "Adams2019" ? 10 : 14;
      if (!times) {
        const std::string reason = shortened(llvm::toString(times.takeError()));
        row[scheduler] = {{"failed", reason}};
        cells += fmt::format("  {:>{}}", "-", cell);
        reasons += fmt::format("  {}: {}", scheduler, reason);
        continue;
      }
      const TuneVerdict verdict = judge(*times);
      ours = verdict.first;
      row["default_us"] = ours;
      row[scheduler] = {{"us", verdict.second}, {"ratio", verdict.ratio}};
      cells += fmt::format("  {:>{}.2f}", verdict.second, cell);
    }
    if (lab.isInterrupted())
      break;
    fmt::print(out, "{:<{}}  {:>5.1f} %  {:>10}{}{}\n", group.name, width, 100 * group.share,
               ours > 0 ? fmt::format("{:.2f}", ours) : "-", cells, reasons);
    std::fflush(out);
    list.push_back(row);
  }
  if (json)
    fmt::print(
        "{}\n",
        Json({{"net", compiler.summary().net}, {"threads", compiler.threads()}, {"groups", list}})
            .dump(2));
  return lab.isInterrupted() ? interruptCode() : Done;
}

} // namespace weir
