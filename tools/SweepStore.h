//===- SweepStore.h - a sweep's folder --------------------------------------------------------===//
//
//   sweep.json      what is swept; another sweep is refused
//   sweep.lock      held while a sweep runs
//   journal.jsonl   a line for each member that ended, appended and synced: what a killed sweep
//   knows results.csv     the ranked results, replaced after each member results.json
//   members/0007.safetensors, .jsonl (its epochs), .log (its messages)
//   programs/1      the compiled programs
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/SweepRecord.h"

#include <chrono>
#include <map>

namespace weir {

class SweepStore {
public:
  explicit SweepStore(std::string folder) : folder(std::move(folder)) {}
  ~SweepStore();
  SweepStore(const SweepStore &) = delete;
  SweepStore &operator=(const SweepStore &) = delete;

  /// Makes or opens the folder for the sweep that `identity` describes, and reads what it knows. An
  /// error, with nothing changed, where it is no sweep's, another's, or in use.
  llvm::Error open(const nlohmann::ordered_json &identity,
                   const std::vector<SweepSetting> &settings);

  /// Keeps a record, in place of an earlier one of the same member.
  llvm::Error add(SweepRecord record);
  /// Brings results.csv and results.json up to date.
  llvm::Error writeResults();

  /// By member.
  const std::map<uint64_t, SweepRecord> &records() const { return known; }
  const SweepRecord *find(uint64_t member) const;
  std::vector<const SweepRecord *> ranked() const;
  /// The document of results.json.
  nlohmann::ordered_json results() const;

  /// Where the files of a member are, `.safetensors` and so on to be appended.
  std::string memberPath(uint64_t number) const;
  std::string programPath(uint64_t program) const;
  /// Removes the files of a member.
  void removeMember(uint64_t number) const;

  const std::string folder;

private:
  using Clock = std::chrono::steady_clock;
  llvm::Error lock();
  llvm::Error readJournal();

  nlohmann::ordered_json identity;
  std::vector<SweepSetting> settings;
  std::map<uint64_t, SweepRecord> known;
  int lockFile = -1, journal = -1;
  Clock::time_point written{};
  Clock::duration writingTook{};
};

} // namespace weir
