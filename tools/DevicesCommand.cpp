//===- DevicesCommand.cpp - `weir devices`: what programs can run on here --------------------===//

#include "kernels/Target.h"
#include "tools/Commands.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace weir {
namespace {

struct DeviceRow {
  std::string device;
  bool usable;
  std::string reason;
};

std::vector<DeviceRow> deviceRows() {
  std::vector<DeviceRow> rows;
  auto host = findTarget("host");
  if (host)
    rows.push_back({"cpu", true,
                    "this machine's CPU has the level " + host->name + " (" + host->suffix + ")"});
  else
    rows.push_back({"cpu", false, llvm::toString(host.takeError())});
  const std::string reason = std::string("this version of weir compiles kernels for CPUs only");
  rows.push_back({"cuda", false, reason});
  rows.push_back({"opencl", false, reason});
  return rows;
}

int printDevices(bool json) {
  if (!json) {
    for (const DeviceRow &row : deviceRows())
      fmt::print("{:<8}{:<12}{}\n", row.device, row.usable ? "usable" : "not usable", row.reason);
    return Done;
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DeviceRow &row : deviceRows())
    list.push_back({{"device", row.device}, {"usable", row.usable}, {"reason", row.reason}});
  fmt::print("{}\n", list.dump(2));
  return Done;
}

} // namespace

void addDevicesCommand(CLI::App &app, Action &action) {
  auto json = std::make_shared<bool>(false);
  CLI::App *command = app.add_subcommand("devices", "every device, usable or not, and why not");
  command->add_flag("--json", *json, "one JSON document");
  command->callback([json, &action] { action = [json] { return printDevices(*json); }; });
}

} // namespace weir
