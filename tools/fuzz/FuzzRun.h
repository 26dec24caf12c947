//===- FuzzRun.h - `weir fuzz` over many seeds -----------------------------------------------===//

#pragma once

#include "tools/Scratch.h"
#include "tools/StatusLine.h"
#include "tools/fuzz/FuzzChild.h"
#include "tools/fuzz/PassTotals.h"

#include <map>
#include <optional>

namespace weir {

struct FuzzOptions {
  std::string file, targets, folder = ".";
  std::optional<double> seconds; ///< none: 60, or as long as `nets` take
  double limit = 300;
  uint64_t seed = 1;
  std::optional<uint64_t> nets; ///< none: as many as there is time for
  bool passesOnly = false, json = false;
};

/// Generates nets, one for each seed, and sends each to a child process.
class FuzzRun {
public:
  explicit FuzzRun(const FuzzOptions &options) : options(options) {}

  /// Returns an exit code, after a report.
  int run();

private:
  using Clock = std::chrono::steady_clock;

  std::string enterFolder();
  void tryNet(uint64_t seed);
  void count(const FuzzNet &net, const FuzzSetting &setting, const FuzzOutcome &outcome);
  void keep(const FuzzNet &net, const FuzzSetting &setting, FuzzOutcome outcome);
  void tellProgress(const std::string &phase);
  int report();
  void printJson(double seconds) const;
  void printText(double seconds) const;
  std::string netsText() const;
  std::string findingsText() const;

  const FuzzOptions &options;
  ScratchFolder workplace{"weir-fuzz"};
  std::string folder; ///< of the findings
  StatusLine line{stderr};
  Clock::time_point start = Clock::now(), netStart = start, told = start; ///< told: the progress
  uint64_t current = 0;                                                   ///< seed
  bool isCuttingDown = false;
  uint64_t nets = 0, trained = 0, skipped = 0;
  uint64_t integers = 0, exact = 0; ///< compared in 8 bits, too; of these bit for bit
  std::map<std::string, uint64_t> calls;
  PassTotals passes;
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
};

} // namespace weir
