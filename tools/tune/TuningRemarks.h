//===- TuningRemarks.h - which groups are compiled by a record of tuning ---------------------===//

#pragma once

#include "tools/Compiler.h"

namespace weir {

/// A line for each group that has a record, and one that counts them, to standard error.
void printTuningRemarks(const std::vector<GroupSchedule> &groups, const std::string &database);

/// All groups as a table on standard output (`weir info --schedules`).
void printSchedules(const std::vector<GroupSchedule> &groups, const std::string &database);

nlohmann::ordered_json toJson(const std::vector<GroupSchedule> &groups);

} // namespace weir
