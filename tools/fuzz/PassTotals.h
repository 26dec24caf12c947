//===- PassTotals.h - what the checks of many nets found, pass by pass -----------------------===//

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace weir {

class PassTotals {
public:
  /// `parts` of the net of `seed`: FuzzVerdict's.
  void add(uint64_t seed, const nlohmann::ordered_json &parts);

  /// A line for each pass, under each way that nets go through the passes.
  std::string text() const;
  /// [{"net", "pass", "compared", "unchanged", "left_out", "ulps", "bound", "seed", "where"}]; of a
  /// pass that changes numbers by design only the first four, and "by_design".
  nlohmann::ordered_json json() const;
  /// [{"seed", "net", "reason"}]: ways that a net could not go.
  const nlohmann::ordered_json &notChecked() const { return waysNotGone; }
  /// Ways of nets that were not run on all kinds of inputs, for lack of time.
  uint64_t shortened() const { return shortenedWays; }

private:
  struct Row {
    std::string net, pass;
    uint64_t compared = 0, unchanged = 0, byDesign = 0; ///< runs of the pass
    uint64_t leftOut = 0;
    double ulps = 0, bound = 0; ///< the largest of each
    uint64_t seed = 0;          ///< of the net with the largest difference
    std::string where, reason;
  };
  Row &rowOf(const std::string &net, const std::string &pass);

  std::vector<Row> rows; ///< in the order of the pipeline
  nlohmann::ordered_json waysNotGone = nlohmann::ordered_json::array();
  uint64_t shortenedWays = 0;
};

} // namespace weir
