//===- SweepRecord.h - what is known of one member of a sweep ---------------------------------===//
//
// Read from what its training reported, kept in the sweep's folder, and written as JSON and CSV.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/SweepGrid.h"

#include <nlohmann/json.hpp>

namespace weir {

/// One line of `PROG train --json-lines`. Losses are mean cross-entropies, accuracies from 0 to 1.
struct EpochResult {
  int64_t epoch = 0; ///< from 1; 0: none
  double trainLoss = 0, trainAccuracy = 0, validationLoss = 0, validationAccuracy = 0, seconds = 0;
};

/// The epochs 1, 2, … in a file of such lines, up to the first that is missing. An epoch that is
/// there twice was trained twice, with the same result.
std::vector<EpochResult> readEpochs(const std::string &path);

struct SweepRecord {
  enum class Status { Done, Stopped, Failed };

  SweepMember member;
  Status status = Status::Failed;
  EpochResult last, best;    ///< best: the highest validation accuracy, the first of several
  int64_t trainedEpochs = 0; ///< epochs that were trained for this member alone
  uint64_t continues = 0;    ///< the number of the member whose run this one goes on with, or 0
  double seconds = 0;        ///< of all its epochs, also where another member trained them
  int64_t parameters = 0;    ///< trainable
  bool keepsBest = false;    ///< its weights are those of the best epoch, not of the last
  int digitsRight = 0, digits = 0; ///< of the user's own; 0, 0: none were given
  std::string weightsSha256, program, weights, message;

  /// Takes last, best and seconds from the first `count` of `epochs`.
  void setEpochs(const std::vector<EpochResult> &epochs, size_t count);
  /// The epoch that its weights are of; results are ranked by it.
  const EpochResult &kept() const { return keepsBest ? best : last; }
};

/// "done", "stopped", "failed"
const char *statusText(SweepRecord::Status status);

/// Whether `a` ranks before `b`: done, stopped, failed; then validation accuracy, validation loss,
/// number.
bool ranksBefore(const SweepRecord &a, const SweepRecord &b);

/// As in results.json. Settings that are no JSON, such as calls, are strings.
nlohmann::ordered_json toJson(const SweepRecord &record);
/// A line of the journal: toJson and what it takes to read it back.
nlohmann::ordered_json toJournal(const SweepRecord &record);
/// Throws nlohmann::json::exception where `json` is no such line.
SweepRecord recordFromJournal(const nlohmann::ordered_json &json);

/// results.csv (RFC 4180): the header, and the line of a record.
std::string csvHeader(const std::vector<SweepSetting> &settings);
std::string csvLine(size_t rank, const SweepRecord &record);

/// "learning_rate 0.001, optimizer nadam": the settings that differ between members.
std::string describe(const SweepMember &member, const std::vector<SweepSetting> &settings);

} // namespace weir
