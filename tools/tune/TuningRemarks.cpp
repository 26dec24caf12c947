//===- TuningRemarks.cpp - see TuningRemarks.h -----------------------------------------------===//

#include "tools/tune/TuningRemarks.h"

#include <fmt/core.h>

namespace weir {
namespace {

using Kind = TuningMatch::Kind;

const char *kindText(Kind kind) {
  constexpr const char *texts[] = {"none", "near", "exact"};
  return texts[static_cast<size_t>(kind)];
}

std::string scheduleText(const TuningMatch &match) {
  return match.kind == Kind::None ? "default" : match.schedule.text();
}

/// "v16n4m2, 21 % less time" or where a near one is from.
std::string explain(const TuningMatch &match) {
  if (match.kind == Kind::None)
    return match.how;
  const std::string gain = fmt::format("{:.0f} % less time", 100 * match.record->gain());
  return match.kind == Kind::Exact ? gain : match.how + " (" + gain + " there)";
}

/// "18 groups: 5 exact, 1 near, 12 without a record ('tuning.db')"
std::string summaryOf(const std::vector<GroupSchedule> &groups, const std::string &database) {
  size_t counts[3] = {};
  for (const GroupSchedule &group : groups)
    ++counts[static_cast<size_t>(group.match.kind)];
  return fmt::format("{} groups: {} exact, {} near, {} without a record ('{}')", groups.size(),
                     counts[2], counts[1], counts[0], database);
}

} // namespace

void printTuningRemarks(const std::vector<GroupSchedule> &groups, const std::string &database) {
  for (const GroupSchedule &group : groups)
    if (group.match.record)
      fmt::print(stderr, "remark: {}: {} {}, {}\n", group.name, kindText(group.match.kind),
                 scheduleText(group.match), explain(group.match));
  fmt::print(stderr, "remark: tuning: {}\n", summaryOf(groups, database));
}

void printSchedules(const std::vector<GroupSchedule> &groups, const std::string &database) {
  size_t width = 5, scheduleWidth = 8;
  for (const GroupSchedule &group : groups) {
    width = std::max(width, group.name.size());
    scheduleWidth = std::max(scheduleWidth, group.match.schedule.text().size());
  }
  fmt::print("{:<{}}  {:>4}  {:<6}  {:<{}}  {}\n", "group", width, "uses", "record", "schedule",
             scheduleWidth, "");
  for (const GroupSchedule &group : groups) {
    std::string line = fmt::format("{:<{}}  {:>4}  {:<6}  {:<{}}  {}", group.name, width,
                                   group.uses, kindText(group.match.kind),
                                   scheduleText(group.match), scheduleWidth, explain(group.match));
    fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
  }
  fmt::print("\n{}\n", summaryOf(groups, database));
}

nlohmann::ordered_json toJson(const std::vector<GroupSchedule> &groups) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const GroupSchedule &group : groups) {
    nlohmann::ordered_json json = {{"name", group.name},
                                   {"target", group.target},
                                   {"uses", group.uses},
                                   {"record", kindText(group.match.kind)}};
    if (group.match.kind != Kind::None)
      json.update({{"schedule", group.match.schedule.text()},
                   {"gain", group.match.record->gain()},
                   {"how", group.match.how}});
    list.push_back(json);
  }
  return list;
}

} // namespace weir
