// Devices as a table or as JSON; see Device.h.
#include "runtime/Device.h"
#include "runtime/Error.h"

#include <nlohmann/json.hpp>

namespace weir {

std::vector<DeviceRow> rowsOf(const Backend &backend) {
  if (const Link *broken = brokenLink(backend.links))
    return {{backend.name, false, broken->name + ": " + broken->fact, backend.links}};
  std::vector<DeviceRow> rows;
  for (const FoundDevice &device : backend.devices) {
    DeviceRow row{device.id, true, device.title, backend.links};
    row.links.insert(row.links.end(), device.links.begin(), device.links.end());
    if (const Link *broken = brokenLink(device.links)) {
      row.usable = false;
      row.reason = broken->name + ": " + broken->fact;
    }
    rows.push_back(row);
  }
  return rows;
}

std::string devicesText(const std::vector<DeviceRow> &rows) {
  std::string text;
  for (const DeviceRow &row : rows) {
    text += format("%-9s %-11s %s\n", row.name.c_str(), row.usable ? "usable" : "not usable",
                   row.reason.c_str());
    for (const Link &link : row.links) {
      text += format("  %-4s %-19s %s\n", link.good ? "ok" : "NO", link.name.c_str(),
                     link.fact.c_str());
      if (!link.good)
        text += format("       what to do: %s\n", link.advice.c_str());
    }
  }
  return text;
}

std::string devicesJson(const std::vector<DeviceRow> &rows) {
  nlohmann::json document = nlohmann::json::array();
  for (const DeviceRow &row : rows) {
    nlohmann::json links = nlohmann::json::array();
    for (const Link &link : row.links) {
      links.push_back({{"link", link.name}, {"ok", link.good}, {"fact", link.fact}});
      if (!link.good)
        links.back()["advice"] = link.advice;
    }
    document.push_back(
        {{"device", row.name}, {"usable", row.usable}, {"reason", row.reason}, {"links", links}});
  }
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace weir
