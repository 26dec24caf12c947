//===- PassTotals.cpp - see PassTotals.h -----------------------------------------------------===//

#include "tools/fuzz/PassTotals.h"

#include "tools/check/Inputs.h"

#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <fmt/core.h>

using Json = nlohmann::ordered_json;

namespace weir {

PassTotals::Row &PassTotals::rowOf(const std::string &net, const std::string &pass) {
  const auto found =
      llvm::find_if(rows, [&](const Row &row) { return row.net == net && row.pass == pass; });
  if (found != rows.end())
    return *found;
  Row &row = rows.emplace_back();
  row.net = net;
  row.pass = pass;
  return row;
}

void PassTotals::add(uint64_t seed, const Json &parts) {
  for (const Json &part : parts) {
    const bool isWhole = part.at("inputs").size() == inputKinds().size();
    shortenedWays += !isWhole;
    if (part.contains("not_checked"))
      waysNotGone.push_back(
          {{"seed", seed}, {"net", part.at("net")}, {"reason", part.at("not_checked")}});
    for (const Json &pass : part.at("passes")) {
      Row &row = rowOf(part.at("net"), pass.at("pass"));
      row.reason = pass.at("reason");
      const std::string state = pass.at("state");
      row.unchanged += state == "unchanged";
      row.byDesign += state == "by-design";
      if (!pass.contains("ulps"))
        continue;
      ++row.compared;
      row.leftOut += pass.at("left_out").get<uint64_t>();
      row.bound = std::max(row.bound, pass.at("bound").get<double>());
      const double ulps = pass.at("ulps").is_null() ? HUGE_VAL : pass.at("ulps").get<double>();
      if (ulps <= row.ulps)
        continue;
      row.ulps = ulps;
      row.seed = seed;
      row.where = pass.at("where");
    }
  }
}

static std::string ulpsText(double ulps) {
  return std::isinf(ulps) ? "all" : fmt::format("{:.2g}", ulps);
}

std::string PassTotals::text() const {
  std::string text;
  const std::string *net = nullptr;
  for (const Row &row : rows) {
    if (!net || *net != row.net)
      text += fmt::format("{:<20}{:>10}{:>9}{:>9}{:>9}{:>8}  {}\n", row.net, "unchanged",
                          "compared", "ulp", "bound", "seed", "largest difference");
    net = &row.net;
    const bool isCompared = row.compared > 0;
    text +=
        fmt::format("{:<20}{:>10}{:>9}{:>9}{:>9}{:>8}  {}\n", row.pass, row.unchanged, row.compared,
                    isCompared ? ulpsText(row.ulps) : "", isCompared ? ulpsText(row.bound) : "",
                    row.ulps > 0 ? std::to_string(row.seed) : "",
                    row.ulps > 0       ? row.where
                    : row.byDesign > 0 ? fmt::format("{} by design: {}", row.byDesign, row.reason)
                                       : "");
  }
  return text;
}

Json PassTotals::json() const {
  Json list = Json::array();
  for (const Row &row : rows) {
    Json entry = {{"net", row.net},
                  {"pass", row.pass},
                  {"compared", row.compared},
                  {"unchanged", row.unchanged}};
    if (row.byDesign > 0)
      entry["by_design"] = row.byDesign;
    if (row.compared > 0)
      entry.update({{"left_out", row.leftOut},
                    {"ulps", std::isinf(row.ulps) ? Json(nullptr) : Json(row.ulps)},
                    {"bound", row.bound}});
    if (row.ulps > 0)
      entry.update({{"seed", row.seed}, {"where", row.where}});
    list.push_back(std::move(entry));
  }
  return list;
}

} // namespace weir
