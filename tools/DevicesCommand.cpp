//===- DevicesCommand.cpp - `weir devices`: what programs can run on here --------------------===//
//
// By the runtime's own chain of checks, so that a program finds what is found here.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/Target.h"
#include "runtime/Device.h"
#include "tools/Commands.h"

#include <fmt/core.h>

namespace weir {
namespace {

/// This machine's CPU as a row beside those of the backends.
DeviceRow cpuRow() {
  auto host = findTarget("host");
  if (!host)
    return {"cpu", false, llvm::toString(host.takeError()), {}};
  return {"cpu",
          true,
          "this machine's CPU has the level " + host->name + " (" + host->suffix + ")",
          {}};
}

int printDevices(bool json) {
  std::vector<DeviceRow> rows{cpuRow()};
  for (const Backend &backend : {findCuda(/*capability=*/0), findOpenCl()})
    for (DeviceRow &row : rowsOf(backend))
      rows.push_back(std::move(row));
  if (json)
    fmt::print("{}\n", devicesJson(rows));
  else
    fmt::print("{}", devicesText(rows));
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
